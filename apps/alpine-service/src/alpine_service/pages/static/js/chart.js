// Charts that can be looked into: a cursor that says what is there, by mouse or arrow keys, and a
// part made larger by dragging. Where uPlot is missing the server's pictures stay.
import { makePlot, timesOf } from "./chart_plot.js";
import { timeWords } from "./chart_times.js";
import { numberWords } from "./chart_words.js";

const DAY_S = 86400;
const STRIDE = 10;

// Colours as the stylesheet has them now; a canvas knows nothing of it.
class Inks {
  #probe = document.createElement("span");
  #known = new Map();

  constructor(figure) {
    this.#probe.hidden = true;
    figure.append(this.#probe);
  }

  line(look) {
    return this.#read(`chart-ink ink-${look}`);
  }

  soft(look) {
    return this.#read(`chart-ink-soft ink-${look}`);
  }

  forget() {
    this.#known.clear();
  }

  #read(names) {
    if (!this.#known.has(names)) {
      this.#probe.className = names;
      this.#known.set(names, getComputedStyle(this.#probe).color);
    }
    return this.#known.get(names);
  }
}

class LiveChart {
  #figure;
  #data;
  #times;
  #isDaily;
  #inks;
  #plots = [];
  #pictures;
  #box = document.createElement("div");
  #readout = document.createElement("p");
  #at = null;

  constructor(figure, data) {
    this.#figure = figure;
    this.#data = data;
    this.#times = timesOf(data.plots);
    this.#isDaily = this.#times.every((at) => at % DAY_S === 0);
    this.#inks = new Inks(figure);
    this.#pictures = [...figure.querySelectorAll(".chart-svg")];
  }

  show(uPlot) {
    const panels = this.#figure.querySelector(".chart-panels");
    this.#readout.className = "chart-readout";
    this.#box.className = "chart-live-box";
    this.#box.tabIndex = 0;
    this.#box.setAttribute("role", "slider");
    this.#box.setAttribute("aria-label", `${this.#data.title}: a place in time`);
    this.#box.setAttribute("aria-valuemin", "0");
    this.#box.setAttribute("aria-valuemax", String(this.#times.length - 1));
    panels.before(this.#readout);
    panels.append(this.#box);
    const heights = this.#heights();
    this.#plots = this.#data.plots.map((plot, place) =>
      makePlot(uPlot, this.#box, plot, this.#times, {
        inks: this.#inks,
        hasTimes: place === this.#data.plots.length - 1,
        key: this.#figure.id,
        height: heights[place],
        tell: (index) => this.#tell(index),
      }),
    );
    // Only now that it is there does the picture go.
    this.#figure.classList.add("chart-live");
    this.#tell(null);
    this.#box.addEventListener("keydown", (event) => this.#press(event));
    this.#box.addEventListener("blur", () => this.#leave());
    new ResizeObserver(() => this.#resize()).observe(panels);
  }

  recolour() {
    this.#inks.forget();
    for (const plot of this.#plots) plot.redraw(false);
  }

  #heights() {
    return this.#pictures.map((picture) => Number.parseFloat(getComputedStyle(picture).height));
  }

  #resize() {
    const width = this.#box.clientWidth;
    const heights = this.#heights();
    if (width === 0) return;
    this.#plots.forEach((plot, place) => {
      if (plot.width !== width || plot.height !== heights[place]) {
        plot.setSize({ width, height: heights[place] });
      }
    });
  }

  // What is at a place among the times; without a cursor it is the last.
  #tell(index) {
    this.#at = index;
    const place = index ?? this.#times.length - 1;
    const parts = this.#data.plots.flatMap((plot) =>
      plot.series.map((one) => ({ one, plot, value: this.#valueAt(one.points, place) })),
    );
    const time = document.createElement("span");
    time.textContent = timeWords(this.#times[place], this.#isDaily);
    const values = parts
      .filter(({ value }) => value !== undefined)
      .map(({ one, plot, value }) => {
        const item = document.createElement("span");
        const figure = document.createElement("b");
        figure.textContent = numberWords(value, plot.numbers);
        item.append(`${one.name} `, figure);
        return item;
      });
    this.#readout.replaceChildren(time, ...values);
    const words = [time, ...values].map((each) => each.textContent).join(", ");
    this.#box.setAttribute("aria-valuenow", String(place));
    this.#box.setAttribute("aria-valuetext", words);
  }

  // The value there, or the one that stood before.
  #valueAt(points, place) {
    const at = this.#times[place];
    return points.findLast(([time]) => time <= at)?.[1];
  }

  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [low, high] = this.#inSight();
    const from = this.#at ?? (event.key === "ArrowRight" ? low - 1 : high + 1);
    const step = event.shiftKey ? STRIDE : 1;
    const to = {
      ArrowLeft: from - step,
      ArrowDown: from - step,
      ArrowRight: from + step,
      ArrowUp: from + step,
      PageDown: from - STRIDE,
      PageUp: from + STRIDE,
      Home: low,
      End: high,
    }[event.key];
    if (to !== undefined) this.#move(Math.min(high, Math.max(low, to)));
    else if (event.key === "Escape") this.#leave();
    else return;
    event.preventDefault();
  }

  #inSight() {
    const { min, max } = this.#plots[0].scales.x;
    const low = this.#times.findIndex((at) => at >= min);
    const high = this.#times.findLastIndex((at) => at <= max);
    return [Math.max(0, low), Math.max(0, high)];
  }

  #move(index) {
    for (const plot of this.#plots) {
      plot.setCursor({ left: plot.valToPos(this.#times[index], "x"), top: 1 });
    }
  }

  #leave() {
    for (const plot of this.#plots) plot.setCursor({ left: -10, top: -10 });
  }
}

async function begin() {
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  if (!figures.length) return;
  let uPlot;
  try {
    uPlot = (await import("../vendor/uplot.min.js")).default;
  } catch {
    return;
  }
  const charts = figures.map((figure) => {
    const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const chart = new LiveChart(figure, data);
    chart.show(uPlot);
    return chart;
  });
  const recolour = () => charts.forEach((chart) => chart.recolour());
  new MutationObserver(recolour).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  // What was drawn before a typeface came is drawn again in it.
  document.fonts.ready.then(recolour);
}

begin();
