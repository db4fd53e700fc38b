// Commit and reveal: a signal that is fixed at once and shown later.

import { toHex, utf8 } from "./bytes.js";
import { sha256 } from "./webcrypto.js";

const NONCE_BYTES = 32;
const PREFIX = "signal-commit/v1\n";

/** What fixes the bytes of a signal without showing them, in hexadecimal. */
export async function commitment(nonce, body) {
  return toHex(await sha256(utf8(PREFIX), nonce, body));
}

/** Whether nonce and body are what was committed to. */
export async function opens(nonce, body, committed) {
  return nonce.length === NONCE_BYTES && (await commitment(nonce, body)) === committed;
}
