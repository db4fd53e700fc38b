// Fills a row of the board with the server's texts and coordinates.
const SVG = "http://www.w3.org/2000/svg";
const LEVELS = ["entry", "stop", "target"];

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function fillShares(svg, row) {
  setAttribute(svg, "aria-label", row.shares_words);
  const old = svg.querySelectorAll("rect[class^=source-]");
  const middle = svg.querySelector(".middle");
  row.shares.forEach((share, place) => {
    const rect = old[place] ?? document.createElementNS(SVG, "rect");
    setAttribute(rect, "class", `source-${share.slot}`);
    setAttribute(rect, "x", String(share.x));
    setAttribute(rect, "y", "1");
    setAttribute(rect, "width", String(share.width));
    setAttribute(rect, "height", "10");
    if (!old[place]) svg.insertBefore(rect, middle);
  });
  for (const rest of [...old].slice(row.shares.length)) rest.remove();
}

function fillSpark(svg, spark) {
  setAttribute(svg, "aria-label", spark ? spark.words : "No published prices");
  setAttribute(svg.querySelector(".spark-line"), "d", spark ? spark.path : "");
  for (const level of LEVELS) {
    const y = spark ? spark[level] : null;
    setAttribute(svg.querySelector(`.spark-${level}`), "d", y === null ? "" : `M100 ${y}H120`);
  }
  const end = svg.querySelector(".spark-end");
  setAttribute(end, "r", spark ? "2" : "0");
  setAttribute(end, "cx", String(spark ? spark.x : 0));
  setAttribute(end, "cy", String(spark ? spark.y : 0));
}

export function fillRow(element, row) {
  Object.assign(element.dataset, {
    key: row.key,
    index: row.index,
    direction: row.direction ?? "",
    size: row.size_bp,
    decided: row.decided_us,
    strategy: row.strategy,
    symbol: row.symbol,
  });
  const cell = (name) => element.querySelector(`[data-cell=${name}]`);
  setAttribute(cell("href"), "href", row.href);
  for (const name of ["symbol", "strategy", "confidence", "entry", "stop", "target"]) {
    setText(cell(name), row[name]);
  }
  const direction = cell("direction");
  setText(direction, row.direction ?? "");
  setAttribute(direction, "data-direction", row.direction ?? "");
  setAttribute(direction, "data-arrow", row.arrow);
  fillShares(cell("shares"), row);
  fillSpark(cell("spark"), row.spark);
  const status = cell("status");
  setText(status, row.status.words);
  setAttribute(status, "class", row.status.kind ? `badge badge-${row.status.kind}` : "badge");
  const age = cell("age");
  setText(age, row.age);
  setAttribute(age, "datetime", row.since);
  setAttribute(age, "title", `decided ${row.decided_words}`);
}
