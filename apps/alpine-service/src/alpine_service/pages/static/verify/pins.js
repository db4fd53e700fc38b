// The keys that this browser believes: those that it saw first, until its reader forgets them.
//
// Keys that a server offers are worth nothing by themselves. Kept here, they are worth something
// from the second visit on: a server that changes them later is found out.

import { Malformed } from "./refusal.js";
import { readVerifierKey } from "./verifier_key.js";

const PLACE = "alpine.verify.pins";

const STEP = {
  name: "keys",
  title: "The pinned keys",
  claim: "The keys that this page offers are those that this browser pinned before.",
  levels: [],
};

/** Compare offered keys with the pinned ones, as one step of the verification. */
export async function checkPins(offered) {
  const bytes = [{ label: "offered by this page", text: spelled(offered) }];
  try {
    await Promise.all([offered.logKey, ...offered.witnessKeys].map(readVerifierKey));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ...STEP, state: "refuted", reason: error.reason, says: error.message, bytes };
  }
  const pinned = readPins();
  if (pinned === undefined) {
    const says = "this browser keeps nothing, so there is nothing to compare with";
    return { ...STEP, state: "not checked", reason: "no-storage", says, bytes };
  }
  if (pinned === null) {
    const says = "none were pinned here before; those of this page are, if the proof holds";
    return { ...STEP, state: "not checked", reason: "first-use", says, bytes };
  }
  bytes.unshift({ label: `pinned in this browser ${pinned.at}`, text: spelled(pinned) });
  if (spelled(pinned) === spelled(offered)) {
    return { ...STEP, state: "passed", reason: "", says: `pinned ${pinned.at}`, bytes };
  }
  const says = `the keys are not those that this browser pinned ${pinned.at}`;
  return { ...STEP, state: "refuted", reason: "keys-changed", says, bytes };
}

/** Pin keys unless some are pinned already. `at` is the time, as people read it. */
export function pin({ logKey, witnessKeys }, at) {
  if (readPins() !== null) return;
  try {
    localStorage.setItem(PLACE, JSON.stringify({ logKey, witnessKeys, at }));
  } catch {
    // A browser that keeps nothing pins nothing; the step said so.
  }
}

/** Forget what is pinned, so that the next keys are the first. */
export function forgetPins() {
  localStorage.removeItem(PLACE);
}

/** What is pinned; null if nothing is, undefined if nothing can be. */
function readPins() {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE));
    return kept && Array.isArray(kept.witnessKeys) ? kept : null;
  } catch (error) {
    // What is there and cannot be read was not written by us, and pins nothing.
    return error instanceof SyntaxError ? null : undefined;
  }
}

function spelled({ logKey, witnessKeys }) {
  return [logKey, ...[...witnessKeys].sort()].join("\n");
}
