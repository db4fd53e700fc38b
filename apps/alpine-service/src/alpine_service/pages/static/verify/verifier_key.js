// Public keys with the names and ids by which notes call them, after C2SP signed-note.

import { concat, fromBase64, toHex, utf8 } from "./bytes.js";
import { Malformed } from "./refusal.js";
import { sha256 } from "./webcrypto.js";

export const CHECKPOINT = 1;
export const COSIGNATURE = 4;
export const KEY_BYTES = 32;
export const ID_BYTES = 4;
export const SIGNATURE_BYTES = 64;

/** Whether a log or a witness may be called so. */
export function isName(text) {
  return /^[!-*,-~]{1,255}$/.test(text);
}

/**
 * The key that a line stands for: `<name>+<id>+<base64 of algorithm and public key>`.
 * Its id must be the one that follows from the rest, or it is Malformed.
 */
export async function readVerifierKey(line) {
  const found = /^([^+]*)\+([^+]*)\+([^]*)$/.exec(line);
  if (!found) throw malformed("it has no name, id and key with a plus between them");
  const [, name, id, encoded] = found;
  const payload = fromBase64(encoded, 1 + KEY_BYTES);
  const algorithm = payload[0];
  if (algorithm !== CHECKPOINT && algorithm !== COSIGNATURE) {
    throw malformed("its algorithm is unknown");
  }
  if (!isName(name)) {
    throw malformed("the name has a space, a plus or something else that no name has");
  }
  const own = toHex((await sha256(concat(utf8(`${name}\n`), payload))).subarray(0, ID_BYTES));
  if (id !== own) throw malformed("its id is not the one of its name and key");
  return { line, name, id, algorithm, publicKey: payload.subarray(1) };
}

function malformed(problem) {
  return new Malformed("bad-key", problem);
}
