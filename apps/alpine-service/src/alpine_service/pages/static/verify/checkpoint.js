// Checkpoints, after C2SP tlog-checkpoint: what a log says it consists of, signed.

import { equal, fromBase64, utf8 } from "./bytes.js";
import { linesBy, readNote } from "./note.js";
import { readNumber } from "./number.js";
import { Malformed, Refuted } from "./refusal.js";
import { HASH_BYTES, emptyRoot } from "./tree.js";
import { SIGNATURE_BYTES, isName } from "./verifier_key.js";
import { verifyEd25519 } from "./webcrypto.js";

/** A checkpoint of any log: `origin`, `size`, `root` and its `note`. No signature is verified. */
export async function readCheckpoint(data) {
  const note = readNote(data);
  const lines = note.text.split("\n");
  if (lines.length !== 4 || !isName(lines[0])) {
    throw new Malformed("bad-checkpoint", "it is not a name, a size and a root, a line each");
  }
  const size = readNumber(lines[1]);
  const root = fromBase64(lines[2], HASH_BYTES);
  if (size === 0n && !equal(root, await emptyRoot())) {
    throw new Malformed("bad-checkpoint", "an empty log has another root");
  }
  return { origin: lines[0], size, root, note };
}

/**
 * Require that a checkpoint is the log's to whom the key belongs: it bears its name, at least one
 * line is by the key, and every line that claims to be verifies. Returns these lines.
 */
export async function requireSigned(checkpoint, key) {
  if (checkpoint.origin !== key.name) {
    throw new Refuted("another-log", "the checkpoint is of another log");
  }
  const lines = linesBy(checkpoint.note, key);
  if (lines.length === 0) {
    throw new Refuted("unsigned", "no line of the checkpoint is by the log's key");
  }
  const message = utf8(checkpoint.note.text);
  for (const { signature } of lines) {
    const isGood =
      signature.length === SIGNATURE_BYTES &&
      (await verifyEd25519(key.publicKey, message, signature));
    if (!isGood) {
      throw new Refuted("bad-signature", "a signature by the log's key does not verify");
    }
  }
  return lines;
}
