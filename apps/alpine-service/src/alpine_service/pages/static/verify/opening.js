// From a commit to the signal behind it.

import { opens } from "./commitment.js";
import { readEntry } from "./entry.js";
import { Refuted } from "./refusal.js";

const REPEATED = ["log", "strategy", "seq", "decided_us"];

/** The `signal` entry that a `commit` entry committed to; Refuted if it is another. */
export async function openCommit(commit, nonce, body) {
  if (commit.kind !== "commit") throw refuted(`the entry is a ${commit.kind} and no commit`);
  if (!(await opens(nonce, body, commit.members.get("commitment")))) {
    throw refuted("nonce and body do not open the commitment");
  }
  const signal = await readEntry(body);
  if (signal.kind !== "signal") throw refuted(`the body is a ${signal.kind} and no signal`);
  if (REPEATED.some((name) => signal.members.get(name) !== commit.members.get(name))) {
    throw refuted("the body is another signal than the commit's");
  }
  return signal;
}

function refuted(problem) {
  return new Refuted("bad-opening", problem);
}
