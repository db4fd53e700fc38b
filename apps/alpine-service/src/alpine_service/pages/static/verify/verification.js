// The verification of one entry: its steps one by one, and the verdict over all of them.

import { utf8 } from "./bytes.js";
import { Malformed, Refuted } from "./refusal.js";
import { shower, stepsFor } from "./steps.js";

const UNCHECKED = {
  state: "not checked",
  reason: "refuted-before",
  says: "an earlier step was refuted",
  bytes: [],
};

/**
 * Check an entry, step by step. Nothing is asked of anybody, and only the given keys are believed.
 *
 * `given` has `entry` (bytes), `proof` (bytes or text of the proof file), `logKey` and
 * `witnessKeys` (verifier keys), `quorum`, `expectedIndex`, and may have `opened` with `nonce` and
 * `body` (bytes) and `commitment` (hexadecimal), and `shown`, pairs of a member and its text.
 *
 * Yields `{name, title, claim, state, reason, says, bytes, levels}`, and more
 * for pictures and words. `state` is "passed",
 * "pending" (the log's word, and too few witnesses), "refuted" or "not checked"; `reason` is a
 * word for machines, empty if the step passed. After a refuted step all are "not checked".
 *
 * Throws Unable if this browser cannot compute what is needed.
 */
export async function* verify(given) {
  const run = { given: completed(given), levels: [] };
  let isRefuted = false;
  for (const step of stepsFor(run.given)) {
    const result = isRefuted ? UNCHECKED : await checked(step, run);
    isRefuted ||= result.state === "refuted";
    const { name, title, claim } = step;
    const way = name === "path" ? { leaf: run.leaf, levels: run.levels } : { levels: [] };
    yield { name, title, claim, ...result, ...way };
  }
}

/**
 * What the steps come to: `state` is "refuted", "pending" or "verified", with the `reason` and
 * the `step` that decided it.
 */
export function verdictOf(steps) {
  for (const state of ["refuted", "pending"]) {
    const step = steps.find((each) => each.state === state);
    if (step) return { state, reason: step.reason, step };
  }
  return { state: "verified", reason: "", step: null };
}

function completed(given) {
  const { proof, expectedIndex } = given;
  return {
    quorum: 1,
    shown: [],
    ...given,
    proof: typeof proof === "string" ? utf8(proof) : proof,
    index: BigInt(expectedIndex),
  };
}

async function checked(step, run) {
  const bytes = [];
  try {
    const found = await step.check(run, shower(bytes));
    const result = typeof found === "string" ? { state: "passed", reason: "", says: found } : found;
    return { ...result, bytes };
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof Refuted)) throw error;
    return { state: "refuted", reason: error.reason, says: error.message, bytes };
  }
}
