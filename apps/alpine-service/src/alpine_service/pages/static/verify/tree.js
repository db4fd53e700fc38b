// The Merkle tree of RFC 6962, section 2.1, and the way from a leaf up to its root.

import { equal } from "./bytes.js";
import { Refuted } from "./refusal.js";
import { sha256 } from "./webcrypto.js";

export const HASH_BYTES = 32;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root over no leaves. */
export function emptyRoot() {
  return sha256();
}

/** The leaf of an entry; another hash of its bytes than the one that names it. */
export function leafHash(data) {
  return sha256(LEAF, data);
}

/** The node above two others. */
export function nodeHash(left, right) {
  return sha256(NODE, left, right);
}

/**
 * Climb from a leaf hash at an index of a tree of `size` leaves, after RFC 9162, section 2.1.3.2.
 * Returns the levels, from the leaf's up: the `sibling`, on which `side` of the path it stands,
 * and the `result` above both. The last result is what a root has to be compared with.
 * Throws Refuted if the proof has too few or too many hashes for that place.
 */
export async function climb(leaf, index, size, proof) {
  if (index < 0n || index >= size) {
    throw refuted(`a tree of ${size} entries has none at ${index}`);
  }
  if ([leaf, ...proof].some((hash) => hash.length !== HASH_BYTES)) {
    throw refuted(`a hash has not ${HASH_BYTES} bytes`);
  }
  const levels = [];
  let [node, last, result] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (last === 0n) throw refuted("the proof has a hash too many");
    const side = node & 1n || node === last ? "left" : "right";
    if (side === "left") {
      result = await nodeHash(sibling, result);
      while (!(node & 1n) && node > 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      result = await nodeHash(result, sibling);
    }
    levels.push({ sibling, side, result });
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last !== 0n) throw refuted("the proof has a hash too few");
  return levels;
}

/** Require that the way up from a leaf ended at a root. */
export function requireRoot(leaf, levels, root) {
  if (root.length !== HASH_BYTES) throw refuted(`a hash has not ${HASH_BYTES} bytes`);
  if (!equal(levels.at(-1)?.result ?? leaf, root)) {
    throw refuted("the proof leads to another root");
  }
}

function refuted(problem) {
  return new Refuted("bad-inclusion", problem);
}
