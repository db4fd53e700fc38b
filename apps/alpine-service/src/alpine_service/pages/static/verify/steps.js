// The steps from the bytes of an entry to "the log published it, and witnesses saw it".
//
// A step computes, shows the bytes it computed with, and returns the sentence that says what came
// out, or that with a state of its own. What does not hold is thrown. `run` carries what was given
// and what earlier steps found.

import { fromHex, toHex, utf8 } from "./bytes.js";
import { requireSigned } from "./checkpoint.js";
import { commitment as commitTo } from "./commitment.js";
import { cosignaturesOf, countable } from "./cosignature.js";
import { readEntry } from "./entry.js";
import { openCommit } from "./opening.js";
import { readProofFile } from "./proof_file.js";
import { Malformed, Refuted } from "./refusal.js";
import { requireShown } from "./shown.js";
import { climb, leafHash, requireRoot } from "./tree.js";
import { utcTime } from "./utc_time.js";
import { CHECKPOINT, COSIGNATURE, readVerifierKey } from "./verifier_key.js";
import { sha256 } from "./webcrypto.js";

const entry = {
  name: "entry",
  title: "The entry",
  claim: "These are the bytes of one well-formed entry, spelled in the only way the log allows.",
  async check(run, show) {
    show("entry", run.given.entry);
    show("SHA-256(entry)", await sha256(run.given.entry));
    run.entry = await readEntry(run.given.entry);
    return `a ${run.entry.kind} of ${run.given.entry.length} bytes`;
  },
};

const leaf = {
  name: "leaf",
  title: "Its leaf",
  claim: "Its leaf in the log's tree is the SHA-256 of a zero byte and the entry.",
  async check(run, show) {
    run.leaf = await leafHash(run.given.entry);
    show("SHA-256(00 || entry)", run.leaf);
    return `the leaf is ${short(run.leaf)}`;
  },
};

const proofFile = {
  name: "proof file",
  title: "The proof file",
  claim: "The proof file is well-formed, and is about this place in the log.",
  async check(run, show) {
    show("proof file", run.given.proof);
    const proof = await readProofFile(run.given.proof);
    if (proof.index !== run.given.index) {
      const problem = `it is about entry ${proof.index}, not ${run.given.index}`;
      throw new Refuted("another-index", problem);
    }
    run.proof = proof;
    const { size } = proof.checkpoint;
    return `entry ${proof.index} of a log of ${size}, ${proof.proof.length} hashes`;
  },
};

const path = {
  name: "path",
  title: "The way up the tree",
  claim: "Hashed with its siblings, level by level, the leaf leads to the top of the tree.",
  async check(run, show) {
    const { index, proof, checkpoint } = run.proof;
    show("our leaf", run.leaf);
    run.levels = await climb(run.leaf, index, checkpoint.size, proof);
    run.levels.forEach(({ sibling, side, result }, place) => {
      const inOrder = side === "left" ? "sibling || ours" : "ours || sibling";
      show(`level ${place + 1}: sibling on the ${side}`, sibling);
      show(`level ${place + 1}: SHA-256(01 || ${inOrder})`, result);
    });
    return `${run.levels.length} levels, up to ${short(run.levels.at(-1)?.result ?? run.leaf)}`;
  },
};

const root = {
  name: "root",
  title: "The root",
  claim: "The top is the root that the checkpoint states, of a log that is larger than the index.",
  async check(run, show) {
    const { checkpoint } = run.proof;
    show("root that was computed", run.levels.at(-1)?.result ?? run.leaf);
    show("root that the checkpoint states", checkpoint.root);
    requireRoot(run.leaf, run.levels, checkpoint.root);
    return `the root over ${checkpoint.size} entries is ${short(checkpoint.root)}`;
  },
};

const signature = {
  name: "signature",
  title: "The log's signature",
  claim: "The checkpoint is signed by the log's pinned key, and is of the log the entry names.",
  async check(run, show) {
    const { checkpoint } = run.proof;
    run.logKey = await readVerifierKey(run.given.logKey);
    if (run.logKey.algorithm !== CHECKPOINT) {
      throw new Malformed("bad-policy", "the log's key does not sign checkpoints");
    }
    show(`public key of ${run.logKey.name}`, run.logKey.publicKey);
    show("signed text", utf8(checkpoint.note.text));
    const lines = await requireSigned(checkpoint, run.logKey);
    lines.forEach((line) => show("Ed25519 signature", line.signature));
    if (run.entry.log !== checkpoint.origin) {
      throw new Refuted("another-log", "the entry bears another log's name");
    }
    return `signed by ${run.logKey.name}`;
  },
};

const witnesses = {
  name: "witnesses",
  title: "Witnesses",
  claim: "Enough pinned witnesses, other than the log, cosigned the same checkpoint.",
  async check(run, show) {
    const keys = await Promise.all(run.given.witnessKeys.map(readVerifierKey));
    if (keys.some((key) => key.algorithm !== COSIGNATURE)) {
      throw new Malformed("bad-policy", "a witness's key does not cosign");
    }
    const { quorum } = run.given;
    const most = countable(keys, run.logKey);
    if (!(quorum >= 0 && quorum <= most)) {
      throw new Malformed("bad-policy", "the quorum is more than there are witnesses");
    }
    const found = await cosignaturesOf(run.proof.checkpoint.note, keys, run.logKey);
    for (const { key, message, signature: signed } of found) {
      show(`public key of ${key.name}`, key.publicKey);
      show("signed text", message);
      show("Ed25519 signature", signed);
    }
    found.sort((one, other) => (one.time < other.time ? -1 : 1));
    const seen = found.map(({ key, time }) => `${key.name} at ${utcTime(time)}`);
    const says = [`${found.length} of ${most} cosigned, ${quorum} needed`, ...seen].join("; ");
    const facts = { count: found.length, first: found.length ? utcTime(found[0].time) : "" };
    return found.length < quorum
      ? { state: "pending", reason: "too-few-witnesses", says, facts }
      : { state: "passed", reason: "", says, facts };
  },
};

const opening = {
  name: "opening",
  title: "The sealed signal",
  claim: "What was sealed in the log is the signal that this page shows.",
  async check(run, show) {
    const { nonce, body, commitment } = run.given.opened;
    show("nonce", nonce);
    show("signal", body);
    show("SHA-256(signal-commit/v1 LF || nonce || signal)", fromHex(await commitTo(nonce, body)));
    run.signal = await openCommit(run.entry, nonce, body);
    if (commitment !== undefined && commitment !== run.entry.members.get("commitment")) {
      throw new Refuted("bad-opening", "this page shows another commitment than the entry's");
    }
    return "nonce and signal open the commitment";
  },
};

const shown = {
  name: "shown",
  title: "This page",
  claim: "What this page shows in the signal's own spelling is what it says, character by character.",
  async check(run, show) {
    const signal = run.signal ?? (run.entry.kind === "signal" ? run.entry : null);
    if (!signal) {
      const says = "the signal is sealed until its reveal";
      return { state: "not checked", reason: "sealed", says };
    }
    if (run.given.shown.length === 0) {
      const says = "this page shows nothing to compare";
      return { state: "not checked", reason: "nothing-shown", says };
    }
    for (const [member, text] of run.given.shown) show(member, text);
    requireShown(signal, run.given.shown);
    return run.given.shown.map(([member, text]) => `${member} ${text}`).join(", ");
  },
};

/** The steps in their order; a commit that is not opened has nothing to open. */
export function stepsFor({ opened }) {
  const all = [entry, leaf, proofFile, path, root, signature, witnesses, opening, shown];
  return all.filter((step) => step !== opening || opened);
}

/** What a step is given to show its bytes with; a text stays one. */
export function shower(bytes) {
  return (label, value) =>
    bytes.push(typeof value === "string" ? { label, text: value } : { label, hex: toHex(value) });
}

function short(hash) {
  return `${toHex(hash).slice(0, 12)}…`;
}
