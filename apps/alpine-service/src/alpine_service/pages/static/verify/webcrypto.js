// The two algorithms, both the browser's own: SHA-256 of FIPS 180-4, Ed25519 of RFC 8032.

import { concat } from "./bytes.js";
import { Unable } from "./refusal.js";

/** The 32 bytes of SHA-256 over parts, one after the other. */
export async function sha256(...parts) {
  return new Uint8Array(await subtle().digest("SHA-256", concat(...parts)));
}

/** Whether a signature over the message is by the public key of 32 bytes. */
export async function verifyEd25519(publicKey, message, signature) {
  let key;
  try {
    key = await subtle().importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error.name === "DataError") return false; // These 32 bytes are no key.
    throw new Unable("no-ed25519", "this browser cannot verify Ed25519 signatures");
  }
  return subtle().verify("Ed25519", key, signature, message);
}

function subtle() {
  // Browsers offer it to secure contexts alone.
  if (!globalThis.crypto?.subtle) {
    const why = globalThis.isSecureContext ? "this browser has none" : "this page came without TLS";
    throw new Unable("no-webcrypto", `there is no cryptography to compute with: ${why}`);
  }
  return globalThis.crypto.subtle;
}
