// Cosignatures, after C2SP tlog-cosignature: a witness saw a checkpoint at a time.

import { toHex, utf8 } from "./bytes.js";
import { linesBy } from "./note.js";
import { LARGEST_NUMBER } from "./number.js";
import { COSIGNATURE, SIGNATURE_BYTES } from "./verifier_key.js";
import { verifyEd25519 } from "./webcrypto.js";

const TIME_BYTES = 8;

/** What a witness signs: that at this time, in seconds since 1970, it saw a note's text. */
export function cosignatureMessage(time, text) {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/**
 * The witnesses that cosigned a note, each with its earliest good cosignature.
 * Two keys with the same 32 bytes are one witness, and the log's own key is none.
 */
export async function cosignaturesOf(note, witnesses, logKey) {
  const earliest = new Map();
  for (const key of witnesses) {
    const bytes = toHex(key.publicKey);
    if (bytes === toHex(logKey.publicKey)) continue;
    for (const line of linesBy(note, key)) {
      const found = await readCosignature(key, note.text, line);
      if (found && !(earliest.get(bytes)?.time <= found.time)) earliest.set(bytes, found);
    }
  }
  return [...earliest.values()];
}

/** How many witnesses there can be at most: other keys than the log's, each counted once. */
export function countable(witnesses, logKey) {
  const others = new Set(witnesses.map((key) => toHex(key.publicKey)));
  others.delete(toHex(logKey.publicKey));
  return others.size;
}

async function readCosignature(key, text, line) {
  if (key.algorithm !== COSIGNATURE) return null;
  if (line.signature.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
  const { buffer, byteOffset } = line.signature;
  const time = new DataView(buffer, byteOffset, TIME_BYTES).getBigUint64(0);
  const signature = line.signature.subarray(TIME_BYTES);
  if (time > LARGEST_NUMBER) return null;
  const message = cosignatureMessage(time, text);
  return (await verifyEd25519(key.publicKey, message, signature))
    ? { key, time, message, signature }
    : null;
}
