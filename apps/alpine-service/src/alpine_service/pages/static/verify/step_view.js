// One step of the verification as a list item: its state in a sign and a word, and its bytes.

import { toHex } from "./bytes.js";
import { element } from "./dom.js";
import { hexdump } from "./hexdump.js";
import { sign } from "./icons.js";
import { pathView } from "./path_view.js";

// How many bytes stand on a line, by how many pixels there are for it.
const WIDTHS = [
  [1024, 32],
  [560, 16],
  [0, 8],
];

/** The item of a step; a refuted one is open, so that nobody has to look for the reason. */
export function stepView(step) {
  const line = [
    sign(step.state),
    element("h3", {}, step.title),
    element("span", { class: "verify-says" }, sentence(step.says)),
    element("span", { class: "verify-state" }, step.state),
  ];
  return element(
    "li",
    { class: "verify-step", "data-step": step.name, "data-state": step.state },
    step.bytes.length > 0
      ? evidence(step, line)
      : element("div", { class: "verify-line" }, ...line),
  );
}

/** A sentence begins with a capital and ends with a stop, whoever wrote it. */
export function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}${/[.…]$/.test(text) ? "" : "."}`;
}

function evidence(step, line) {
  const details = element("details", {}, element("summary", { class: "verify-line" }, ...line));
  // What is large is written once somebody wants to see it, and for the width that there is then.
  const fill = () => {
    if (details.children.length === 1) details.append(body(step, details.clientWidth));
  };
  details.addEventListener("toggle", fill);
  details.open = step.state === "refuted";
  return details;
}

function body(step, pixels) {
  const [, width] = WIDTHS.find(([least]) => pixels >= least);
  const shown = step.bytes.flatMap(({ label, hex, text }, place) => {
    const id = `verify-${step.name.replace(" ", "-")}-${place}`;
    const name = hex === undefined ? label : `${label}, ${hex.length / 2} bytes`;
    const named = { class: "verify-bytes", tabindex: "0", role: "group", "aria-labelledby": id };
    return [
      element("p", { class: "verify-label", id }, name),
      element("pre", named, text ?? hexdump(hex, width)),
    ];
  });
  const claim = element("p", { class: "verify-claim" }, step.claim);
  const picture = step.levels.length > 0 ? [way(step)] : [];
  return element("div", { class: "verify-evidence" }, claim, ...picture, ...shown);
}

function way({ leaf, levels }) {
  const spelled = levels.map(({ sibling, side, result }) => {
    return { side, sibling: toHex(sibling), result: toHex(result) };
  });
  return pathView(toHex(leaf), spelled);
}
