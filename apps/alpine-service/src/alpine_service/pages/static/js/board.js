// The board while it is open: news come by the stream as hints, rows are asked for and put in place.
//
// The stream says which signal something happened to. Rows are the server's, written as the page's
// were, and each names its place: strategy and symbol. So news that come twice, late or in another
// order change nothing, and after a pause the stream goes on where it was.
import { fillRow } from "./board_row.js";
import { BoardTable } from "./board_table.js";
import { LiveFeed } from "./live.js";

const table = document.querySelector("[data-board]");
const words = document.querySelector("[data-live-words]");
const dot = document.querySelector("[data-live] .dot");
const board = new BoardTable(table, document.querySelector("template[data-board-row]"), fillRow);

const STATES = {
  live: ["Live", "dot dot-good"],
  asking: ["Refreshed every few seconds", "dot dot-good"],
  away: ["No connection. Trying again", "dot dot-warn"],
  crowded: ["Too many live pages are open; refreshed every few seconds", "dot dot-warn"],
  quota: ["That was a lot at once. Going on in a moment", "dot dot-warn"],
  ended: ["Your session ended", "dot dot-bad"],
};

function say(state) {
  const [text, look] = STATES[state];
  words.textContent = text;
  dot.className = look;
  if (state === "ended") {
    const link = document.createElement("a");
    link.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Sign in again";
    words.append(". ", link);
  }
}

// The page said how the log stood when it was made; it goes on saying so.
function sayStanding(state) {
  for (const note of document.querySelectorAll("[data-standing]")) {
    note.hidden = note.dataset.standing !== state;
  }
}

const feed = new LiveFeed({
  streamUrl: table.dataset.stream,
  rowsUrl: table.dataset.rows,
  newest: Number(table.dataset.newest),
  pollMs: Number(table.dataset.poll) * 1000,
  onNews: (news, isWhole) => {
    board.apply(news.rows, isWhole);
    sayStanding(news.log_state);
  },
  onState: say,
});
feed.start();
board.enhanceFilter(document.querySelector("[data-board-filter]"));
