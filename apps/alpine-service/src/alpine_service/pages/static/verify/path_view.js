// The way from the leaf to the root as a picture: our nodes in a column, siblings on their sides.

import { drawn } from "./dom.js";

const ROW = 52;
const WIDTH = 360;
const BOX = { width: 92, height: 28 };
const MIDDLE = WIDTH / 2;
const ASIDE = 128;

/** The picture; `leaf` in hexadecimal, the levels as `climb` returns them, in hexadecimal too. */
export function pathView(leaf, levels) {
  const height = ROW * levels.length + BOX.height + 2;
  const at = (level) => height - BOX.height / 2 - 1 - ROW * level;
  const beside = (side) => (side === "left" ? MIDDLE - ASIDE : MIDDLE + ASIDE);
  const lines = levels.map(({ side }, place) => {
    const turn = (at(place) + at(place + 1)) / 2;
    const d = `M${beside(side)} ${at(place)}V${turn}H${MIDDLE}`;
    return drawn("path", { class: "branch", d });
  });
  const boxes = levels.flatMap(({ sibling, side, result }, place) => [
    box(beside(side), at(place), sibling, "sibling"),
    box(MIDDLE, at(place + 1), result, place + 1 === levels.length ? "root" : "ours"),
  ]);
  const label = `${levels.length} hashes lead from the leaf at the bottom to the root at the top`;
  return drawn(
    "svg",
    { class: "verify-path", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label },
    ...lines,
    drawn("path", { class: "way", d: `M${MIDDLE} ${at(0)}V${at(levels.length)}` }),
    ...boxes,
    box(MIDDLE, at(0), leaf, "ours"),
  );
}

function box(x, y, hex, kind) {
  const { width, height } = BOX;
  return drawn(
    "g",
    { class: kind },
    drawn("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: "6" }),
    drawn("text", { x, y: y + 4, "text-anchor": "middle" }, `${hex.slice(0, 8)}…`),
  );
}
