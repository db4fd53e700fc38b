"""What pages weigh, how soon they are seen, and what an update of a full board costs."""

import gzip
import statistics
from typing import Any

import orjson
import pytest
from attrs import asdict

from alpine_service.pages.board.row import Row
from alpine_service.pages.board.shares import Share
from alpine_service.pages.board.spark import Spark
from alpine_service.pages.board.status import Status
from alpine_service.pages.static_files import FOLDER
from alpine_service.testing.pages.reading import Look, Reader, Readers
from alpine_service.testing.pages.world import World

MOST_SCRIPT_BYTES = 100_000
MOST_PAINT_MS = 500
# A frame at 60 pictures a second.
MOST_UPDATE_MS = 16
ROWS = 500

# Makes a board of rows, then applies updates as the stream would bring them, and measures each from
# the beginning of the script until style and layout are done as well.
_MEASURE = """async ([all, updates, base]) => {
  const [{ BoardTable }, { fillRow }] = await Promise.all([
    import(`${base}board_table.js`), import(`${base}board_row.js`),
  ]);
  const table = document.querySelector('[data-board]');
  const board = new BoardTable(table, document.querySelector('template[data-board-row]'), fillRow);
  board.apply(all, true);
  document.body.getBoundingClientRect();
  const took = [];
  for (const rows of updates) {
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    board.apply(rows, false);
    table.getBoundingClientRect();
    took.push(performance.now() - began);
  }
  return [table.tBodies[0].rows.length, took];
}"""
_PAINT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true });
})"""


def a_row(place: int, index: int, confidence_bp: int) -> dict[str, Any]:
    direction = "BUY" if place % 2 else "SELL"
    share = confidence_bp / 40_000 * 100
    shares = tuple(
        Share(name, name, confidence_bp // 4, 5_000, "+20.0 %", 100 + share * slot, share, slot + 1)
        for slot, name in enumerate(("alpha", "grok", "massive", "sonar"))
    )
    path = "M" + "L".join(f"{3 * x} {(x * place) % 28}" for x in range(30))
    row = Row(
        key=f"alpha S{place}",
        index=index,
        href=f"/signals/{index}",
        symbol=f"S{place}",
        strategy="alpha",
        direction=direction,
        arrow="▲" if direction == "BUY" else "▼",
        confidence=f"{confidence_bp / 100:.1f} %",
        size_bp=confidence_bp,
        shares=shares,
        shares_words="Alpha +20.0 %",
        entry="190.00",
        stop="188.00",
        target="194.00",
        spark=Spark(path, 90.0, 12.0, 16.0, 28.0, 4.0, "30 published prices"),
        decided_us=1_772_452_800_000_000 + index,
        decided="2026-03-02T12:00:00Z",
        decided_words="2026-03-02 12:00:00 UTC",
        since="2026-03-02T12:00:02Z",
        age="1 s",
        status=Status("Open, 59 min left", "accent"),
        is_early=False,
    )
    return orjson.loads(orjson.dumps(asdict(row)))  # type: ignore[no-any-return]


async def open_board(world: World, readers: Readers) -> tuple[Reader, str]:
    reader = await readers.open(Look(), world.guest("pro"))
    page = await reader.go("/signals")
    script = await page.locator('script[src$="js/board.js"]').get_attribute("src")
    assert script is not None
    return reader, script.removesuffix("board.js")


@pytest.mark.timed
async def test_a_full_board_takes_an_update_within_a_frame(world: World, readers: Readers) -> None:
    reader, base = await open_board(world, readers)
    rows = [a_row(place, place, 8_000) for place in range(ROWS)]
    # What one beat brings: some signals that take the places of others, and go to the top.
    updates = [
        [a_row((7 * turn + step * 11) % ROWS, ROWS + turn * 5 + step, 6_000) for step in range(5)]
        for turn in range(60)
    ]
    count, took = await reader.page.evaluate(_MEASURE, [rows, updates, base])
    assert count == ROWS
    said = f"median {statistics.median(took):.1f} ms, worst {max(took):.1f} ms"
    print(said)  # noqa: T201 - the figure is what this is for
    assert statistics.median(took) < MOST_UPDATE_MS, said
    assert statistics.quantiles(took, n=20)[-1] < 2 * MOST_UPDATE_MS, said


@pytest.mark.timed
@pytest.mark.parametrize(
    ("path", "guest"),
    [("/", None), ("/signals", "pro"), ("/performance", None), ("/signals/{signal}", None)],
)
async def test_a_page_is_seen_soon(
    world: World, readers: Readers, path: str, guest: str | None
) -> None:
    path = path.format(signal=world.index("alpha-0074"))
    took = []
    for _ in range(5):
        reader = await readers.open(Look(), world.guest(guest) if guest else None)
        # A reader who was never here, in a browser that runs.
        await reader.go("/robots.txt")
        page = await reader.go(path)
        took.append(await page.evaluate(_PAINT))
    print(f"{path}: largest contentful paint {min(took):.0f} to {max(took):.0f} ms")  # noqa: T201
    # The least, because browser, service and database share the machine with each other here.
    assert min(took) < MOST_PAINT_MS, took


def test_all_scripts_together_are_light() -> None:
    scripts = sorted(FOLDER.rglob("*.js"))
    packed = sum(len(gzip.compress(script.read_bytes(), 9)) for script in scripts)
    assert len(scripts) > 10
    assert packed < MOST_SCRIPT_BYTES, packed
