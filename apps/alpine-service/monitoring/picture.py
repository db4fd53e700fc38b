"""Draws boards as Grafana would, from what a real Prometheus has.

`python -m monitoring.picture FOLDER` starts a demo as `monitoring.trying` does, and takes a picture
of each board with the machine's own Chromium, or of those that are named behind the folder.
"""

import asyncio
import html
import math
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from PIL import Image
from playwright.async_api import Browser

from alpine_service.testing.pages.chromium import chromium, find_chromium
from monitoring.catalogue import BOARDS
from monitoring.panels import LINE_WIDTH, Board
from monitoring.trying import READ_FOR_S, NotReadyError, answered, demo, filled, reading, visit

_WIDTH, _UNIT = 1_200, 30
_STEP_S: Final = 3
# Lines of one panel, in the order of its series.
_LINES: Final = ("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#b877d9", "#37872d")
_COLOURS: Final = {
    "semi-dark-green": "#56a64b",
    "semi-dark-yellow": "#e0b400",
    "semi-dark-red": "#e02f44",
}
_MOST_NAMES = 9
_STYLE: Final = """
body { margin: 0; background: #111217; color: #d8d9da; font: 12px Inter, sans-serif; }
h1 { font-size: 18px; margin: 0; padding: 14px 12px; }
main { position: relative; }
section, h2 { position: absolute; box-sizing: border-box; margin: 0; }
h2 { font-size: 13px; padding: 8px 12px; }
section > div { position: absolute; inset: 3px; background: #181b1f; border-radius: 3px; }
section { overflow: hidden; }
h3 { font-size: 12px; font-weight: 500; margin: 0; padding: 6px 9px; }
.number { position: absolute; inset: 28px 6px 6px; font-size: 26px; font-weight: 600; }
.number { display: grid; place-items: center; border-radius: 3px; color: #fff; }
.names { position: absolute; left: 9px; right: 9px; bottom: 6px; color: #9a9b9f; font-size: 10px; }
.names b { display: inline-block; width: 9px; height: 3px; margin: 0 4px 3px 8px; }
.none { position: absolute; inset: 40% 0 auto; text-align: center; color: #8e8e92; }
svg { position: absolute; left: 0; top: 24px; }
svg text { fill: #8e8e92; font-size: 10px; }
"""


@frozen
class Series:
    """What a line is called, and its points: seconds before the end, and values."""

    name: str
    points: Sequence[tuple[float, float]]

    @property
    def last(self) -> float:
        return self.points[-1][1]


@frozen
class Place:
    """A panel's place, and what is left of it for drawing, in pixels."""

    left: float
    top: float
    width: float
    height: float


@frozen
class Window:
    """What is looked at: a Prometheus, until when since 1970, and for how long before."""

    prometheus: str
    end: float
    span_s: float

    def series(self, panel: Mapping[str, Any]) -> list[Series]:
        """The answers to a panel's questions that are numbers."""
        return [one for target in panel["targets"] for one in self._answers(target)]

    def _answers(self, target: Mapping[str, Any]) -> list[Series]:
        found = answered(
            f"{self.prometheus}/api/v1/query_range",
            query=filled(target["expr"]),
            start=self.end - self.span_s,
            end=self.end,
            step=_STEP_S,
        )
        if isinstance(found, str):
            raise NotReadyError(found)
        made = []
        for one in found:
            points = [(float(at) - self.end, float(value)) for at, value in one["values"]]
            known = [(at, value) for at, value in points if math.isfinite(value)]
            if known:
                made.append(Series(_named(target["legendFormat"], one["metric"]), known))
        return made


def _named(legend: str, labels: Mapping[str, str]) -> str:
    if legend == "__auto":
        return ", ".join(labels.values()) or "value"
    return re.sub(r"{{(\w+)}}", lambda found: labels.get(found[1], ""), legend)


def page(board: Board, window: Window) -> str:
    """The board as HTML."""
    read = board.read()
    tall = max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in read["panels"]) * _UNIT
    parts = "".join(_panel(each, window) for each in read["panels"])
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><h1>{html.escape(board.title)}"
        f"</h1><main style='height:{tall}px'>{parts}</main>"
    )


def _panel(panel: Mapping[str, Any], window: Window) -> str:
    grid, column = panel["gridPos"], _WIDTH / LINE_WIDTH
    place = Place(grid["x"] * column, grid["y"] * _UNIT, grid["w"] * column, grid["h"] * _UNIT)
    style = f"left:{place.left}px;top:{place.top}px;width:{place.width}px;height:{place.height}px"
    title = html.escape(panel["title"])
    if panel["type"] == "row":
        return f"<h2 style='{style}'>▾ {title}</h2>"
    found = window.series(panel)
    nothing = panel["fieldConfig"]["defaults"].get("noValue", "no data")
    drawn = f"<div class=none>{nothing}</div>"
    if found:
        drawn = _KINDS[panel["type"]](panel, found, place, window.span_s)
    return f"<section style='{style}'><div><h3>{title}</h3>{drawn}</div></section>"


def _curves(panel: Mapping[str, Any], found: Sequence[Series], place: Place, span_s: float) -> str:
    custom = panel["fieldConfig"]["defaults"]["custom"]
    is_piled = custom.get("stacking", {}).get("mode") == "normal"
    drawn = _piled(found) if is_piled else found
    top = max(value for one in drawn for _, value in one.points) * 1.1 or 1.0
    left, wide, tall = 58, place.width - 76, place.height - 76
    unit = _unit(panel)

    def at(second: float, value: float) -> str:
        return f"{left + (1 + second / span_s) * wide:.1f},{8 + (1 - value / top) * tall:.1f}"

    lines = [
        f"<line x1={left} x2={left + wide} y1={8 + (1 - part) * tall} y2={8 + (1 - part) * tall}"
        f" stroke=#2c3235 /><text x={left - 6} y={12 + (1 - part) * tall} text-anchor=end>"
        f"{said(part * top, unit)}</text>"
        for part in (0, 0.5, 1)
    ]
    for colour, one in zip(_LINES * len(drawn), drawn, strict=False):
        way = " ".join(at(*point) for point in one.points)
        lines.append(f"<polyline points='{way}' fill=none stroke={colour} stroke-width=1.6 />")
    return f"<svg width={place.width} height={place.height - 24}>{''.join(lines)}</svg>" + _names(
        found, unit
    )


def _piled(found: Sequence[Series]) -> list[Series]:
    """Each upon those before it."""
    below: dict[float, float] = {}
    piled = []
    for one in found:
        points = [(at, value + below.get(at, 0.0)) for at, value in one.points]
        below |= dict(points)
        piled.append(Series(one.name, points))
    return piled


def _names(found: Sequence[Series], unit: str) -> str:
    names = "".join(
        f"<b style='background:{colour}'></b>{html.escape(one.name)} {said(one.last, unit)}"
        for colour, one in zip(_LINES * len(found), found[:_MOST_NAMES], strict=False)
    )
    return f"<div class=names>{names}</div>"


def _number(panel: Mapping[str, Any], found: Sequence[Series], *_: object) -> str:
    last = found[0].last
    text = said(last, _unit(panel))
    return f"<div class=number style='background:{_coloured(panel, last)}'>{text}</div>"


def _bars(panel: Mapping[str, Any], found: Sequence[Series], place: Place, _span_s: float) -> str:
    longest = max(one.last for one in found) or 1.0
    left, wide = place.width * 0.45, place.width * 0.4
    rows = []
    for number, one in enumerate(found):
        top = 6 + number * 22
        rows.append(
            f"<text x={left - 8} y={top + 13} text-anchor=end>{html.escape(one.name)}</text>"
            f"<rect x={left} y={top} height=16 width={wide * one.last / longest:.1f}"
            f" fill={_coloured(panel, one.last)} /><text x={left + wide + 6} y={top + 13}>"
            f"{said(one.last, _unit(panel))}</text>"
        )
    return f"<svg width={place.width} height={place.height - 24}>{''.join(rows)}</svg>"


def _states(panel: Mapping[str, Any], found: Sequence[Series], place: Place, span_s: float) -> str:
    meanings = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    left, wide = 130, place.width - 150
    tall = min(20.0, (place.height - 44) / len(found))
    rows = []
    for number, one in enumerate(found):
        top, name = 6 + number * tall, html.escape(one.name)
        rows.append(f"<text x={left - 8} y={top + tall * 0.7} text-anchor=end>{name}</text>")
        for second, value in one.points:
            colour = _COLOURS[meanings[f"{value:g}"]["color"]]
            # What is known of a moment held since the look before.
            begun = left + (1 + (second - _STEP_S) / span_s) * wide
            rows.append(
                f"<rect x={begun:.1f} y={top} height={tall - 2}"
                f" width={wide * _STEP_S / span_s + 0.5:.1f} fill={colour} />"
            )
    return f"<svg width={place.width} height={place.height - 24}>{''.join(rows)}</svg>"


_KINDS: Final[Mapping[str, Callable[..., str]]] = {
    "timeseries": _curves,
    "stat": _number,
    "bargauge": _bars,
    "state-timeline": _states,
}


def _unit(panel: Mapping[str, Any]) -> str:
    return str(panel["fieldConfig"]["defaults"]["unit"])


def _coloured(panel: Mapping[str, Any], value: float) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    reached = [each for each in steps if each["value"] is None or value >= each["value"]]
    return _COLOURS[reached[-1]["color"]]


def said(value: float, unit: str) -> str:
    """The value as people read it."""
    match unit:
        case "s" if value < 1:
            return f"{value * 1_000:.3g} ms"
        case "s":
            return f"{value:.3g} s"
        case "bytes":
            return f"{value / 2**20:,.0f} MiB"
        case "percentunit":
            return f"{value:.1%}"
        case "reqps":
            return f"{value:.3g}/s"
    return f"{value:,.0f}" if value == round(value) else f"{value:.3g}"


async def _take(browser: Browser, board: Board, window: Window, folder: Path) -> None:
    tab = await browser.new_page(viewport={"width": _WIDTH, "height": 800})
    await tab.set_content(await asyncio.to_thread(page, board, window))
    drawn = await tab.screenshot(full_page=True)
    await tab.close()
    # A few colours are enough for lines on black, and a third of the bytes.
    picture = Image.open(BytesIO(drawn)).convert("RGB").quantize(96)
    await asyncio.to_thread(picture.save, folder / f"{board.name}.png", optimize=True)


async def take(window: Window, folder: Path, boards: Sequence[Board]) -> None:
    """A picture of each."""
    program = find_chromium()
    if program is None:
        raise NotReadyError("there is no Chromium to take pictures with")
    async with chromium(program) as browser:
        for board in boards:
            await _take(browser, board, window, folder)


def main(given: Sequence[str]) -> int:
    """Read, visit, draw."""
    folder, *names = given
    boards = [board for board in BOARDS if board.name in names or not names]
    with tempfile.TemporaryDirectory() as name, ExitStack() as ends:
        world, internal = ends.enter_context(demo(Path(name)))
        prometheus = ends.enter_context(reading(internal, Path(name)))
        visit(world)
        end = time.time()  # noqa: TID251 - Prometheus has the wall's clock
        asyncio.run(take(Window(prometheus, end, READ_FOR_S), Path(folder), boards))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
