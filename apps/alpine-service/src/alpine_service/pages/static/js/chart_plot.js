// One plot of a chart, drawn by uPlot from what the server's picture was drawn of.
import { tickWords, timeTicks } from "./chart_times.js";
import { digitsFor, numberWords } from "./chart_words.js";

const FONT = '12px "Inter Variable", system-ui, sans-serif';
const RIGHT = 1;
const AXIS_WIDTH = 60;
const AXIS_HEIGHT = 28;
const LABEL_HEIGHT = 16;
// Half a label's width.
const ROOM = 18;
// From one time to the next there is that much, as on the server's picture of usual width.
const SPACE = 90;
// A label behind which nothing is drawn can be read over a line.
const HALO = 4;

// All times of a figure's plots, so that a cursor in one is at the same place in the others.
export function timesOf(plots) {
  const all = plots.flatMap((plot) => [
    ...plot.series.flatMap((one) => one.points.map(([at]) => at)),
    ...plot.moments.map((each) => each.at),
  ]);
  return [...new Set(all)].sort((a, b) => a - b);
}

function valuesAt(times, points) {
  const known = new Map(points);
  return times.map((at) => known.get(at) ?? null);
}

const PATHS = {
  line: (uPlot) => uPlot.paths.linear(),
  area: (uPlot) => uPlot.paths.linear(),
  step: (uPlot) => uPlot.paths.stepped({ align: 1 }),
  points: () => () => null,
};

function seriesOf(uPlot, one, inks) {
  return {
    label: one.name,
    stroke: () => inks.line(one.look),
    fill: one.kind === "area" ? () => inks.soft(one.look) : undefined,
    fillTo: 0,
    width: 1.75,
    spanGaps: true,
    paths: PATHS[one.kind](uPlot),
    points: { show: one.kind === "points", size: 7, fill: () => inks.line(one.look) },
  };
}

// The values' extent as the server chose it, or what is in sight of a part.
function rangeOf(uPlot, plot) {
  return (u, low, high) => {
    const x = u.scales.x;
    const all = u.data[0];
    const isWhole = x.min == null || (x.min <= all[0] && x.max >= all.at(-1));
    if (isWhole || low == null) return [plot.low, plot.high];
    const isArea = plot.series.some((one) => one.kind === "area");
    return uPlot.rangeNum(low, isArea ? Math.max(0, high) : high, isArea ? 0 : 0.06, false);
  };
}

function axesOf(plot, inks, hasTimes) {
  const grid = { stroke: () => inks.line("grid"), width: 1 };
  const words = { font: FONT, stroke: () => inks.line("words"), ticks: { show: false } };
  return [
    {
      ...words,
      grid,
      size: hasTimes ? AXIS_HEIGHT : 10,
      splits: (u, _axis, low, high) => timeTicks(low, high, Math.max(2, Math.floor(u.width / SPACE))),
      // What would not fit at the left end is left out.
      values: (u, all) =>
        hasTimes
          ? tickWords(all).map((text, place) => (u.valToPos(all[place], "x") > ROOM ? text : ""))
          : all.map(() => ""),
    },
    {
      ...words,
      grid,
      side: RIGHT,
      size: AXIS_WIDTH,
      gap: 8,
      space: 36,
      values: (_u, all, _axis, _space, step) => {
        const numbers = { ...plot.numbers, digits: digitsFor(step, plot.numbers.unit) };
        return all.map((value) => numberWords(value, numbers));
      },
    },
  ];
}

function drawLevels(u, plot, inks) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top - LABEL_HEIGHT * scale, width, height + LABEL_HEIGHT * scale);
  ctx.clip();
  ctx.font = `550 ${12 * scale}px "Inter Variable", system-ui, sans-serif`;
  ctx.lineJoin = "round";
  let least = top;
  const shown = plot.levels
    .map((level) => ({ ...level, y: u.valToPos(level.value, "y", true) }))
    .filter((level) => level.y >= top - 1 && level.y <= top + height + 1)
    .sort((a, b) => a.y - b.y);
  for (const level of shown) {
    ctx.strokeStyle = inks.line(level.look);
    ctx.lineWidth = scale;
    ctx.setLineDash([4 * scale, 4 * scale]);
    ctx.beginPath();
    ctx.moveTo(left, level.y);
    ctx.lineTo(left + width, level.y);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  for (const level of shown) {
    const y = Math.max(level.y - 4 * scale, least + 12 * scale);
    least = y + 4 * scale;
    ctx.lineWidth = HALO * scale;
    ctx.strokeStyle = inks.line("ground");
    ctx.strokeText(level.label, left + 4 * scale, y);
    ctx.fillStyle = inks.line(level.look);
    ctx.fillText(level.label, left + 4 * scale, y);
  }
  ctx.restore();
}

const SIGNS = {
  ring: (path, r) => path.arc(0, 0, r, 0, 2 * Math.PI),
  square: (path, r) => path.rect(-r, -r, 2 * r, 2 * r),
  diamond: (path, r) => {
    path.moveTo(0, -1.375 * r);
    path.lineTo(1.375 * r, 0);
    path.lineTo(0, 1.375 * r);
    path.lineTo(-1.375 * r, 0);
    path.closePath();
  },
};

function drawMoments(u, plot, inks) {
  const { ctx } = u;
  const scale = devicePixelRatio;
  for (const each of plot.moments) {
    if (each.at < u.scales.x.min || each.at > u.scales.x.max) continue;
    const path = new Path2D();
    SIGNS[each.sign](path, 4 * scale);
    ctx.save();
    ctx.translate(u.valToPos(each.at, "x", true), u.valToPos(each.value, "y", true));
    const isOpen = each.sign === "ring";
    ctx.fillStyle = inks.line(isOpen ? "ground" : each.look);
    ctx.strokeStyle = inks.line(isOpen ? each.look : "ground");
    ctx.lineWidth = (isOpen ? 2 : 1.5) * scale;
    ctx.fill(path);
    ctx.stroke(path);
    ctx.restore();
  }
}

// Makes the plot in a box; `tell` is called with the cursor's place among the times, or null.
export function makePlot(uPlot, box, plot, times, { inks, hasTimes, key, height, tell }) {
  const options = {
    width: Math.max(1, box.clientWidth),
    height,
    padding: [10, 0, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key },
      drag: { x: true, y: false, setScale: true },
      points: {
        size: 8,
        width: 2,
        fill: () => inks.line("ground"),
        stroke: (_u, index) => inks.line(plot.series[index - 1].look),
      },
    },
    scales: { y: { range: rangeOf(uPlot, plot) } },
    series: [{}, ...plot.series.map((one) => seriesOf(uPlot, one, inks))],
    axes: axesOf(plot, inks, hasTimes),
    hooks: {
      draw: [(u) => drawLevels(u, plot, inks), (u) => drawMoments(u, plot, inks)],
      setCursor: [(u) => tell(u.cursor.left >= 0 ? u.cursor.idx : null)],
    },
  };
  const data = [times, ...plot.series.map((one) => valuesAt(times, one.points))];
  return new uPlot(options, data, box);
}
