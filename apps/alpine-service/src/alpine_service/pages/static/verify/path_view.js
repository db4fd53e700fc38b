// The way from the leaf to the root as a picture: our nodes in a column, siblings on their sides.

import { drawn } from "./dom.js";

const ROW = 52;
const WIDTH = 520;
const BOX = { width: 132, height: 26 };
const MIDDLE = WIDTH / 2;
const SIDE = 185;

/** The picture; `leaf` in hexadecimal, the levels as `climb` returns them, in hexadecimal too. */
export function pathView(leaf, levels) {
  const height = ROW * levels.length + BOX.height + 12;
  const at = (level) => height - BOX.height / 2 - 6 - ROW * level;
  const parts = levels.flatMap(({ sibling, side, result }, place) => {
    const x = side === "left" ? MIDDLE - SIDE : MIDDLE + SIDE;
    const [below, above] = [at(place), at(place + 1)];
    const turn = (below + above) / 2;
    return [
      drawn("path", { class: "way", d: `M${MIDDLE} ${below}V${above}` }),
      drawn("path", { class: "branch", d: `M${x} ${below}V${turn}H${MIDDLE}` }),
      box(x, below, sibling, "sibling"),
      box(MIDDLE, above, result, place + 1 === levels.length ? "root" : "ours"),
    ];
  });
  const label = `${levels.length} hashes lead from the leaf at the bottom to the root at the top`;
  return drawn(
    "svg",
    { class: "verify-path", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label },
    ...parts,
    box(MIDDLE, at(0), leaf, levels.length ? "leaf" : "root"),
  );
}

function box(x, y, hex, kind) {
  const { width, height } = BOX;
  return drawn(
    "g",
    { class: kind },
    drawn("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: "6" }),
    drawn("text", { x, y: y + 4, "text-anchor": "middle" }, `${hex.slice(0, 12)}…`),
  );
}
