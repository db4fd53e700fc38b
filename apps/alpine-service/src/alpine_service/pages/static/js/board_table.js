// The rows of the board: each in its place, in the order and with the filter that the reader chose.
const ORDERS = {
  age: (a, b) => b.dataset.decided - a.dataset.decided || compare(a.dataset.symbol, b.dataset.symbol),
  symbol: (a, b) => compare(a.dataset.symbol, b.dataset.symbol) || b.dataset.decided - a.dataset.decided,
  confidence: (a, b) => b.dataset.size - a.dataset.size || compare(a.dataset.symbol, b.dataset.symbol),
};
const THIN_SPACE = "\u202f";

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}

function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

export class BoardTable {
  constructor(table, template, fill) {
    this.body = table.tBodies[0];
    this.template = template;
    this.fill = fill;
    this.rows = new Map([...this.body.rows].map((row) => [row.dataset.key, row]));
    const asked = new URLSearchParams(location.search);
    this.filter = {
      symbol: (asked.get("symbol") ?? "").trim().toUpperCase(),
      direction: asked.get("direction") ?? "",
      strategy: asked.get("strategy") ?? "",
      sort: asked.get("sort") || "age",
    };
    // A page that came with a filter has only the rows that fit; the first whole answer has all.
    this.isWhole = !(this.filter.symbol || this.filter.direction || this.filter.strategy);
  }

  // Put rows in their places; `isWhole` says that there are no others.
  apply(news, isWhole) {
    let isMoved = false;
    for (const row of news) {
      const known = this.rows.get(row.key);
      if (known && Number(known.dataset.index) > row.index) continue;
      const isNews = !known || Number(known.dataset.index) < row.index;
      const element = known ?? this.template.content.firstElementChild.cloneNode(true);
      this.fill(element, row);
      if (!known) {
        this.rows.set(row.key, element);
        this.body.prepend(element);
      }
      if (isNews) {
        isMoved = true;
        element.removeAttribute("data-new");
        requestAnimationFrame(() => element.setAttribute("data-new", ""));
      }
    }
    if (isWhole) {
      const keys = new Set(news.map((row) => row.key));
      for (const [key, element] of this.rows) {
        if (!keys.has(key)) {
          element.remove();
          this.rows.delete(key);
          isMoved = true;
        }
      }
      this.isWhole = true;
    }
    if (isMoved || isWhole) this.arrange();
  }

  // Move only what is not where it belongs.
  arrange() {
    const order = ORDERS[this.filter.sort] ?? ORDERS.age;
    const sorted = [...this.rows.values()].sort(order);
    let at = this.body.firstElementChild;
    let shown = 0;
    for (const element of sorted) {
      if (element === at) at = at.nextElementSibling;
      else this.body.insertBefore(element, at);
      const fits = this.fits(element.dataset);
      if (element.hidden === fits) element.hidden = !fits;
      shown += Number(fits);
    }
    const said = document.querySelector("[data-board-count]");
    if (said) said.textContent = `${count(shown)} of ${count(this.rows.size)} signals`;
    const empty = document.querySelector("[data-board-empty]");
    if (empty) empty.hidden = shown > 0;
  }

  fits(row) {
    const { symbol, direction, strategy } = this.filter;
    return (
      row.symbol.startsWith(symbol) &&
      (!direction || row.direction === direction) &&
      (!strategy || row.strategy === strategy)
    );
  }

  // Filter and order at once, and keep them in the address; the button is for pages without scripts.
  enhanceFilter(form) {
    form.querySelector("[data-board-apply]").hidden = true;
    const change = () => {
      // What the server left out is not here to be shown.
      if (!this.isWhole) {
        form.requestSubmit();
        return;
      }
      const asked = new FormData(form);
      this.filter = {
        symbol: String(asked.get("symbol")).trim().toUpperCase(),
        direction: String(asked.get("direction")),
        strategy: String(asked.get("strategy")),
        sort: String(asked.get("sort")) || "age",
      };
      const url = new URL(location.pathname, location.origin);
      for (const [name, value] of asked) if (value) url.searchParams.set(name, value);
      history.replaceState(null, "", url);
      // Whoever changes the density comes back to this, not to what the page was opened with.
      for (const back of document.querySelectorAll("input[name=back]")) {
        back.value = url.pathname + url.search;
      }
      this.arrange();
    };
    form.addEventListener("change", change);
    form.elements.namedItem("symbol").addEventListener("input", () => this.isWhole && change());
    form.addEventListener("submit", (event) => {
      if (!this.isWhole) return;
      event.preventDefault();
      change();
    });
  }
}
