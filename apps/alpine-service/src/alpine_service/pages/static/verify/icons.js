// One sign for each state, told apart by its shape; the word for it always stands beside.

import { drawn } from "./dom.js";

const SIGNS = {
  passed: "M4.5 8.5l2.5 2.5 4.5-5.5",
  verified: "M4.5 8.5l2.5 2.5 4.5-5.5",
  refuted: "M5.5 5.5l5 5M10.5 5.5l-5 5",
  pending: "M8 4.5v3.8l2.4 1.5",
  "could not be checked": "M8 4.5v4.2M8 11.2v.1",
  "not checked": "M5 8h6",
  checking: "",
};

/** The sign of a state, 16 pixels wide, in the colour of the text around it. */
export function sign(state) {
  const size = { viewBox: "0 0 16 16", width: "16", height: "16" };
  return drawn(
    "svg",
    { class: "verify-sign", "aria-hidden": "true", ...size },
    drawn("circle", { class: "ring", cx: "8", cy: "8", r: "7" }),
    drawn("path", { class: "mark", d: SIGNS[state] }),
  );
}
