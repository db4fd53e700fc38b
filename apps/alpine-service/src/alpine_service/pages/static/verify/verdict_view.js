// What the verification came to, in words: they promise no more than was checked.

import { element } from "./dom.js";
import { sign } from "./icons.js";
import { sentence } from "./step_view.js";

/** Say it in an element; `outcome` is a verdict, or what kept us from one. */
export function sayVerdict(place, outcome, steps, index, took) {
  const { title, text } = words(outcome, steps, index, took);
  say(place, outcome.state, title, text);
}

/** Say that it is being looked at. */
export function sayChecking(place) {
  say(place, "checking", "Checking …", "The entry and its proof are fetched and recomputed.");
}

function words({ state, reason, says, step }, steps, index, took) {
  const effort = `${steps.length} steps in ${took} ms, in this browser.`;
  if (state === "verified") {
    const text = `The log published exactly these bytes as entry ${index}${seen(steps)}. ${effort}`;
    return { title: "Verified", text };
  }
  if (state === "pending") {
    const text = `The log signed it, and too few witnesses vouch for it yet. ${effort}`;
    return { title: "Pending", text };
  }
  if (state === "could not be checked") {
    const text = `${sentence(says)} That says nothing about the signal.`;
    return { title: "Could not be checked", text };
  }
  if (reason === "keys-changed") {
    const text =
      "This site now offers other keys than those that this browser pinned; both are below." +
      " Believe nothing that is signed with the new ones until somebody else confirms them.";
    return { title: "Refuted: the keys changed", text };
  }
  const title = `Refuted: ${step.title[0].toLowerCase()}${step.title.slice(1)}`;
  return { title, text: `${sentence(step.says)} Nothing is proved about this signal.` };
}

function seen(steps) {
  const { count, first } = steps.find((each) => each.name === "witnesses").facts;
  if (count === 0) return "; no witness was needed";
  return `, and ${count === 1 ? "a witness" : `${count} witnesses`} saw it, first at ${first}`;
}

function say(place, state, title, text) {
  place.setAttribute("data-state", state);
  place.replaceChildren(
    sign(state),
    element("p", { class: "verify-title" }, title),
    element("p", { class: "verify-text" }, text),
  );
}
