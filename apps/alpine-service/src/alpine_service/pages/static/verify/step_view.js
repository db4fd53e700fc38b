// One step of the verification as a list item: its state in a sign and a word, and its bytes.

import { toHex } from "./bytes.js";
import { element } from "./dom.js";
import { hexdump } from "./hexdump.js";
import { sign } from "./icons.js";
import { pathView } from "./path_view.js";

const WIDE = 16;
const NARROW = 8;

/** The item of a step; a refuted one is open, so that nobody has to look for the reason. */
export function stepView(step) {
  const item = element(
    "li",
    { class: "verify-step", "data-step": step.name, "data-state": step.state },
    sign(step.state),
    element(
      "div",
      { class: "verify-head" },
      element("h3", {}, step.title),
      element("span", { class: "verify-state" }, step.state),
    ),
    element("p", { class: "verify-says" }, sentence(step.says)),
  );
  if (step.bytes.length > 0) item.append(evidence(step));
  return item;
}

function evidence(step) {
  const details = element(
    "details",
    {},
    element("summary", {}, "Show the bytes"),
    element("p", { class: "verify-claim" }, step.claim),
  );
  // Large dumps are written once somebody wants to see them.
  const fill = () => {
    if (details.children.length > 2) return;
    if (step.levels.length > 0) details.append(picture(step));
    for (const [place, one] of step.bytes.entries()) {
      const id = `verify-${step.name.replace(" ", "-")}-${place}`;
      details.append(
        element("p", { class: "verify-label", id }, `${one.label}${size(one)}`),
        element(
          "pre",
          { class: "verify-bytes", tabindex: "0", role: "group", "aria-labelledby": id },
          one.text ?? hexdump(one.hex, matchMedia("(width < 40rem)").matches ? NARROW : WIDE),
        ),
      );
    }
  };
  details.addEventListener("toggle", fill);
  if (step.state === "refuted") {
    details.open = true;
    fill();
  }
  return details;
}

function picture({ leaf, levels }) {
  const hexes = levels.map(({ sibling, side, result }) => {
    return { side, sibling: toHex(sibling), result: toHex(result) };
  });
  return pathView(toHex(leaf), hexes);
}

function size({ hex }) {
  return hex === undefined ? "" : `, ${hex.length / 2} bytes`;
}

/** A sentence begins with a capital and ends with a stop, whoever wrote it. */
export function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}${/[.…]$/.test(text) ? "" : "."}`;
}
