// The panel that verifies a signal where it is shown. Without it the page has the same to do by hand.

import { fromHex, utf8 } from "./bytes.js";
import { element } from "./dom.js";
import { fetchBytes } from "./evidence.js";
import { sign } from "./icons.js";
import { checkPins, forgetPins, pin } from "./pins.js";
import { Unable } from "./refusal.js";
import { sentence, stepView } from "./step_view.js";
import { utcTime } from "./utc_time.js";
import { verdictOf, verify } from "./verification.js";

/** Give a `<section data-verify>` its button; what it is about stands in its attributes. */
export function enhance(section) {
  const button = element("button", { type: "button", class: "button button-main" }, "Verify in this browser");
  // It is there before anything is said in it, or screen readers would miss the first words.
  const verdict = element("div", { class: "verify-verdict", role: "status" });
  const steps = element("ol", { class: "verify-steps", "aria-label": "Steps of the verification" });
  section.querySelector("[data-verify-start]").append(button);
  section.querySelector("[data-verify-result]").append(verdict, steps);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    steps.replaceChildren();
    section.removeAttribute("data-state");
    say(verdict, "checking", "Checking …", "The entry and its proof are fetched and recomputed.");
    try {
      await run(section, steps, verdict);
    } finally {
      button.setAttribute("aria-disabled", "false");
      button.textContent = "Verify again";
    }
  });
}

async function run(section, list, verdict) {
  const began = performance.now();
  const done = [];
  const tell = (step) => {
    done.push(step);
    list.append(stepView(step));
  };
  let outcome;
  try {
    for await (const step of stepsOf(section)) tell(step);
    outcome = verdictOf(done);
  } catch (error) {
    // A mistake of ours must not look like a verdict either; the console has the rest.
    if (!(error instanceof Unable)) console.error(error);
    const isOurs = !(error instanceof Unable);
    outcome = {
      state: "could not be checked",
      reason: isOurs ? "broken" : error.reason,
      says: isOurs ? "the check itself failed" : error.message,
    };
  }
  const { state, reason } = outcome;
  section.setAttribute("data-state", state);
  section.setAttribute("data-reason", reason);
  const took = Math.max(1, Math.round(performance.now() - began));
  say(verdict, state, ...words(outcome, done, took));
  if (reason === "keys-changed") verdict.append(forgetting());
  if (state === "verified" || state === "pending") pin(keysOf(section), utcTime(nowSeconds()));
}

/** The keys first, because nothing that changed keys say is worth looking at. */
async function* stepsOf(section) {
  const { entry: entryUrl, proof: proofUrl, index } = section.dataset;
  const keys = keysOf(section);
  const pins = await checkPins(keys);
  yield pins;
  if (pins.state === "refuted") return;
  const [entry, proof] = await Promise.all([fetchBytes(entryUrl), fetchBytes(proofUrl)]);
  const quorum = Number(section.dataset.quorum ?? "1");
  const given = { entry, proof, quorum, expectedIndex: index, ...keys };
  yield* verify({ ...given, opened: openedBy(section), shown: shownOf(index) });
}

function keysOf({ dataset }) {
  return { logKey: dataset.logKey, witnessKeys: dataset.witnessKeys.split(/\s+/).filter(Boolean) };
}

function openedBy({ dataset: { nonce, body, commitment } }) {
  return nonce && body ? { nonce: fromHex(nonce), body: utf8(body), commitment } : undefined;
}

/** What the reader sees, not what some attribute claims that the reader sees. */
function shownOf(index) {
  const members = document.querySelectorAll(`[data-shown="${CSS.escape(index)}"] [data-member]`);
  return Array.from(members, (each) => [each.dataset.member, each.textContent.trim()]);
}

function words({ state, reason, says, step }, done, took) {
  const count = `${done.length} steps, computed here in ${took} ms.`;
  if (state === "verified") {
    return ["Verified", `The log published exactly these bytes, and witnesses vouch for it. ${count}`];
  }
  if (state === "pending") {
    return ["Pending", `The log signed it, and too few witnesses vouch for it yet. ${count}`];
  }
  if (state === "could not be checked") return ["Could not be checked", sentence(says)];
  if (reason === "keys-changed") {
    return [
      "Refuted: the keys changed",
      "This site now offers other keys than those this browser pinned. Believe nothing that is" +
        " signed with them until somebody other than this site told you that they are right.",
    ];
  }
  return [`Refuted: ${step.title}`, `${sentence(step.says)} Nothing about this signal is proved.`];
}

function say(verdict, state, title, text) {
  verdict.setAttribute("data-state", state);
  verdict.replaceChildren(
    sign(state),
    element("p", { class: "verify-title" }, title),
    element("p", { class: "verify-text" }, text),
  );
}

function forgetting() {
  const button = element("button", { type: "button", class: "button button-bad" }, "Forget the pinned keys");
  button.addEventListener("click", () => {
    forgetPins();
    button.replaceWith(element("p", { class: "verify-text" }, "Forgotten. The next keys will be pinned."));
  });
  return button;
}

function nowSeconds() {
  return BigInt(Math.floor(Date.now() / 1000));
}

for (const section of document.querySelectorAll("section[data-verify]")) enhance(section);
