// Proof files, after C2SP tlog-proof: what proves one entry offline.

import { fromBase64 } from "./bytes.js";
import { readCheckpoint } from "./checkpoint.js";
import { LARGEST_NOTE } from "./note.js";
import { readNumber } from "./number.js";
import { Malformed } from "./refusal.js";
import { HASH_BYTES } from "./tree.js";

const VERSION = "c2sp.org/tlog-proof@v1";
const LARGEST_ABOVE = 16_384;
const LARGEST_EXTRA = 4096;
const LARGEST_PROOF = 63;
const LINE_FEED = 0x0a;

/** More bytes than any proof file has. */
export const LARGEST_FILE = LARGEST_NOTE + LARGEST_ABOVE;

/** The `index`, the siblings' hashes in `proof`, and the `checkpoint` that bytes hold. */
export async function readProofFile(data) {
  const end = data.findIndex(
    (byte, place) => byte === LINE_FEED && data[place + 1] === LINE_FEED,
  );
  if (end < 0) throw malformed("it has no empty line before the checkpoint");
  const lines = readLines(data.subarray(0, end));
  if (lines.shift() !== VERSION) throw malformed("it is of another version");
  // Nobody signs the extra data, so it is read to be refused if it is wrong, and not used.
  if (lines[0]?.startsWith("extra ")) refuseBadExtra(lines.shift());
  if (!lines[0]?.startsWith("index ")) throw malformed("it has no index");
  const index = readNumber(lines.shift().slice("index ".length));
  if (lines.length > LARGEST_PROOF) {
    throw new Malformed("long-proof", `a proof has at most ${LARGEST_PROOF} hashes`);
  }
  const proof = lines.map((line) => fromBase64(line, HASH_BYTES));
  return { index, proof, checkpoint: await readCheckpoint(data.subarray(end + 2)) };
}

function readLines(data) {
  if (data.length > LARGEST_ABOVE) throw malformed("it has too many bytes");
  if (data.some((byte) => byte > 0x7f)) throw malformed("it is not ASCII");
  return String.fromCharCode(...data).split("\n");
}

function refuseBadExtra(line) {
  const { length } = fromBase64(line.slice("extra ".length));
  if (length < 1 || length > LARGEST_EXTRA) {
    throw malformed(`its extra data is not of 1 to ${LARGEST_EXTRA} bytes`);
  }
}

function malformed(problem) {
  return new Malformed("bad-proof-file", problem);
}
