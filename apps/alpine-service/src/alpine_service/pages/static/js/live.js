// News of the record for a page that is open: by the stream where the plan has one, else by asking.
//
// The stream is only a hint: what changed is asked for by name, all hints of a moment at once. A
// stream that breaks is the browser's to open again, with the number of the last event it heard, so
// nothing is missed; one that is refused is replaced by asking.
const KINDS = [
  "signal.published",
  "signal.revealed",
  "signal.committed",
  "outcome.resolved",
  "strategy.retired",
];
// Hints are gathered for so long: well below what is felt as late, and bursts cost one request.
const GATHER_MS = 60;
// More than this at once, and everything is asked for.
const MOST_NAMED = 100;
const PATIENCE_MS = 10000;
const LONGEST_WAIT_MS = 60000;
// How often a page to which nothing happens asks how the log stands, and after how many times for
// all rows: what is left of a horizon grows shorter without any news.
const LOOK_MS = 30000;
const LOOKS_TO_ALL = 10;

export class LiveFeed {
  constructor({ streamUrl, rowsUrl, newest, pollMs, onNews, onState }) {
    Object.assign(this, { streamUrl, rowsUrl, newest, pollMs, onNews, onState });
    this.named = new Set();
    this.wantsAll = false;
    this.timer = null;
    this.failures = 0;
    this.isBusy = false;
    this.isOver = false;
    this.looks = 0;
  }

  start() {
    addEventListener("online", () => this.wantAll());
    addEventListener("offline", () => this.onState("away"));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.stream) this.wantAll();
    });
    if (this.streamUrl) {
      this.listen();
      setInterval(() => this.look(), LOOK_MS);
    } else {
      this.onState("asking");
      this.poll();
    }
  }

  listen() {
    const url = new URL(this.streamUrl, location.origin);
    // The page is of that moment: what came since is told first.
    url.searchParams.set("since_id", this.newest);
    this.stream = new EventSource(url);
    this.stream.onopen = () => {
      this.hasOpened = true;
      this.onState("live");
    };
    this.stream.onerror = () => {
      if (this.stream.readyState !== EventSource.CLOSED) {
        this.onState("away");
        return;
      }
      // Refused, and the browser gives up: a plan, a session or too many streams. Asking tells which.
      this.stream = null;
      this.onState("crowded");
      this.wantAll();
      this.poll();
    };
    for (const kind of KINDS) this.stream.addEventListener(kind, (event) => this.hear(event));
  }

  hear(event) {
    this.newest = Number(event.lastEventId);
    const told = JSON.parse(event.data);
    if (event.type === "strategy.retired") this.wantsAll = true;
    else if (event.type !== "signal.committed") this.named.add(told.signal_index);
    this.soon(GATHER_MS);
  }

  wantAll() {
    this.wantsAll = true;
    this.soon(0);
  }

  look() {
    if (document.hidden || this.isOver) return;
    this.looks += 1;
    if (this.looks % LOOKS_TO_ALL === 0) this.wantsAll = true;
    this.wantsLook = true;
    this.soon(0);
  }

  poll() {
    if (this.isOver || this.stream) return;
    setTimeout(() => {
      if (!document.hidden) this.wantAll();
      this.poll();
    }, this.pollMs);
  }

  soon(milliseconds) {
    if (this.timer !== null || this.isOver) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.ask();
    }, milliseconds);
  }

  async ask() {
    if (this.isBusy) return this.soon(GATHER_MS);
    const isWhole = this.wantsAll || this.named.size > MOST_NAMED;
    const names = [...this.named];
    if (!isWhole && !names.length && !this.wantsLook) return;
    this.isBusy = true;
    try {
      const url = new URL(this.rowsUrl, location.origin);
      if (!isWhole) url.searchParams.set("signals", names.join(","));
      const answer = await fetch(url, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.status === 401 || answer.redirected) return this.end();
      if (answer.status === 429) {
        this.onState("quota");
        return this.again(Number(answer.headers.get("Retry-After") ?? 5) * 1000);
      }
      if (!answer.ok) return this.again();
      const news = await answer.json();
      this.onNews(news, isWhole);
      for (const name of names) this.named.delete(name);
      this.wantsLook = false;
      if (isWhole) this.wantsAll = false;
      if (this.failures) this.onState(this.stream ? "live" : "asking");
      this.failures = 0;
      if (this.named.size) this.soon(GATHER_MS);
    } catch {
      this.onState("away");
      this.again();
    } finally {
      this.isBusy = false;
    }
  }

  again(wait) {
    this.failures += 1;
    this.soon(wait ?? Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.failures));
  }

  end() {
    this.isOver = true;
    this.stream?.close();
    this.onState("ended");
  }
}
