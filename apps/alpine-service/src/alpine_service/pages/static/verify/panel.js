// The panel that verifies a signal where it is shown. Without it the page says how to do it else.

import { fromHex, utf8 } from "./bytes.js";
import { element } from "./dom.js";
import { fetchBytes } from "./evidence.js";
import { checkPins, forgetPins, pin } from "./pins.js";
import { Unable } from "./refusal.js";
import { stepView } from "./step_view.js";
import { utcTime } from "./utc_time.js";
import { sayChecking, sayVerdict } from "./verdict_view.js";
import { verdictOf, verify } from "./verification.js";

/** Give a `<section data-verify>` its button; what it is about stands in its attributes. */
export function enhance(section) {
  const button = pressable("button-main", "Verify in this browser");
  // It is there before anything is said in it, or screen readers would miss the first words.
  const verdict = element("div", { class: "verify-verdict", role: "status" });
  const list = element("ol", { class: "verify-steps", "aria-label": "Steps of the verification" });
  section.querySelector("[data-verify-start]").append(button);
  section.querySelector("[data-verify-result]").append(verdict, list);
  button.addEventListener("click", async () => {
    // A button that is disabled would lose the focus of whoever pressed it.
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    section.removeAttribute("data-verdict");
    list.replaceChildren();
    sayChecking(verdict);
    await run(section, list, verdict);
    button.setAttribute("aria-disabled", "false");
    button.textContent = "Verify again";
  });
}

async function run(section, list, verdict) {
  const began = performance.now();
  const steps = [];
  let outcome;
  try {
    for await (const step of stepsOf(section)) {
      steps.push(step);
      list.append(stepView(step));
    }
    outcome = verdictOf(steps);
  } catch (error) {
    outcome = unable(error);
  }
  const { state, reason } = outcome;
  if (state === "verified" || state === "pending") pin(keysOf(section), nowAsText());
  const took = Math.max(1, Math.round(performance.now() - began));
  sayVerdict(verdict, outcome, steps, section.dataset.index, took);
  if (reason === "keys-changed") verdict.append(forgetting());
  section.setAttribute("data-verdict", state);
  section.setAttribute("data-reason", reason);
}

/** The keys first, because what is signed with changed keys is not worth looking at. */
async function* stepsOf(section) {
  const { entry: entryUrl, proof: proofUrl, index, quorum = "1" } = section.dataset;
  const keys = keysOf(section);
  const pins = await checkPins(keys);
  yield pins;
  if (pins.state === "refuted") return;
  const [entry, proof] = await Promise.all([fetchBytes(entryUrl), fetchBytes(proofUrl)]);
  yield* verify({
    ...keys,
    entry,
    proof,
    // A page that asks for no witness is not believed in that.
    quorum: Math.max(1, Number(quorum)),
    expectedIndex: index,
    opened: openedBy(section),
    shown: shownOf(index),
  });
}

function keysOf({ dataset: { logKey, witnessKeys } }) {
  return { logKey, witnessKeys: witnessKeys.split(" ").filter(Boolean) };
}

function openedBy({ dataset: { nonce, body, commitment } }) {
  return nonce && body ? { nonce: fromHex(nonce), body: utf8(body), commitment } : undefined;
}

/** What the reader sees, not what some attribute claims that the reader sees. */
function shownOf(index) {
  const members = document.querySelectorAll(`[data-shown="${CSS.escape(index)}"] [data-member]`);
  return Array.from(members, (each) => [each.dataset.member, each.textContent.trim()]);
}

function unable(error) {
  const state = "could not be checked";
  if (error instanceof Unable) return { state, reason: error.reason, says: error.message };
  // A mistake of ours must not look like a verdict; the console has the rest of it.
  console.error(error);
  return { state, reason: "broken", says: "the check itself failed" };
}

function forgetting() {
  const button = pressable("button-bad", "Forget the pinned keys");
  button.addEventListener("click", () => {
    forgetPins();
    const done = "Forgotten. The next keys whose proof holds will be pinned.";
    button.replaceWith(element("p", { class: "verify-text" }, done));
  });
  return button;
}

function pressable(look, text) {
  return element("button", { type: "button", class: `button ${look}` }, text);
}

function nowAsText() {
  return utcTime(BigInt(Math.floor(Date.now() / 1000)));
}

for (const section of document.querySelectorAll("section[data-verify]")) enhance(section);
