"""Draws a dashboard from what a Prometheus has, much as Grafana would."""

import math
import re
import textwrap
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from PIL import Image

from monitoring.live import Prometheus, filled
from monitoring.parts import Page

_COLUMNS: Final = 24
_BACK, _CARD, _INK, _FAINT = "#111217", "#181b1f", "#d8d9da", "#8e8e92"
_COLOURS: Final = {
    "green": "#73bf69",
    "orange": "#ff9830",
    "red": "#f2495c",
    "dark-red": "#c4162a",
    "blue": "#5794f2",
    "purple": "#b877d9",
    "yellow": "#fade2a",
    "text": "#8e8e92",
}
_LINES: Final = (
    *("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c"),
    *("#5794f2", "#b877d9", "#37872d", "#fade2a", "#ffa6b0"),
)
_MOST_LEGENDS: Final = 9
# Fewer are not drawn thicker.
_FEWEST_BARS: Final = 4


@frozen
class Series:
    """What a line is called, and its points: seconds before now, and values."""

    name: str
    seconds: list[float]
    values: list[float]


def draw(page: Page, server: Prometheus, end: float, span_s: float, path: Path) -> None:
    """Draw the page over `span_s` seconds until `end`, since 1970, into the file."""
    board = page.json()
    rows = max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in board["panels"])
    height = rows * 0.34 + 0.6
    figure = plt.figure(figsize=(16, height), facecolor=_BACK)
    figure.text(0.012, 1 - 0.32 / height, board["title"], color=_INK, size=15, weight="bold")
    for panel in board["panels"]:
        place = panel["gridPos"]
        left, wide = place["x"] / _COLUMNS, place["w"] / _COLUMNS
        top = 1 - (0.6 + place["y"] * 0.34) / height
        tall = place["h"] * 0.34 / height
        if panel["type"] == "row":
            figure.text(
                0.012, top - tall * 0.75, f"▾ {panel['title']}", color=_INK, size=11, weight="bold"
            )
            continue
        frame = (left + 0.004, top - tall + 0.05 / height, wide - 0.008, tall - 0.1 / height)
        axes = figure.add_axes(frame, facecolor=_CARD)
        axes.set(xticks=[], yticks=[])
        axes.text(
            0.02, 0.97, panel["title"], color=_INK, size=8.5, va="top", transform=axes.transAxes
        )
        _KINDS[panel["type"]](axes, panel, _asked(panel, server, end, span_s))
        if panel["type"] == "timeseries":
            for inner in axes.child_axes:
                inner.set_xlim(-span_s, 0)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=72, facecolor=_BACK)
    plt.close(figure)
    # A few colours are enough for lines on black, and a third of the bytes.
    Image.open(drawn).convert("RGB").quantize(128).save(path, optimize=True)


def _asked(panel: dict[str, Any], server: Prometheus, end: float, span_s: float) -> list[Series]:
    found = []
    for target in panel["targets"]:
        answer = server.ask(
            "query_range", query=filled(target["expr"]), start=end - span_s, end=end, step=2
        )
        for one in answer["result"]:
            points = [(float(at) - end, float(value)) for at, value in one["values"]]
            points = [(at, value) for at, value in points if not math.isnan(value)]
            if points:
                seconds, values = zip(*points, strict=True)
                name = _named(target["legendFormat"], one["metric"])
                found.append(Series(name, list(seconds), list(values)))
    return found


def _named(legend: str, labels: dict[str, str]) -> str:
    if legend == "__auto":
        return ", ".join(labels.values()) or "value"
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend)


def _lines(axes: Axes, panel: dict[str, Any], found: list[Series]) -> None:
    if not found:
        _nothing(axes)
        return
    inner = axes.inset_axes((0.09, 0.13, 0.62, 0.68), facecolor=_CARD)
    inner.tick_params(colors=_FAINT, labelsize=7, length=0)
    inner.grid(color="#2c3235", linewidth=0.5)
    for spine in inner.spines.values():
        spine.set_visible(False)
    unit = _unit(panel)
    inner.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _said(value, unit)))
    inner.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    if custom.get("stacking", {}).get("mode") == "normal":
        _piled(inner, found)
    else:
        for place, one in enumerate(found):
            colour = _LINES[place % len(_LINES)]
            inner.plot(one.seconds, one.values, color=colour, linewidth=1.3, marker=".", ms=2)
    if "min" in panel["fieldConfig"]["defaults"]:
        inner.set_ylim(bottom=0)
    if custom.get("thresholdsStyle", {}).get("mode") == "dashed":
        low, high = inner.get_ylim()
        for value, colour in _steps(panel):
            if value is not None and low <= value <= high:
                inner.axhline(value, color=colour, linewidth=0.8, linestyle="--")
    for place, one in enumerate(found[:_MOST_LEGENDS]):
        name = textwrap.shorten(one.name, 26, placeholder="…")
        axes.text(
            *(0.73, 0.79 - place * 0.085, f"{name}  {_said(one.values[-1], unit)}"),
            color=_LINES[place % len(_LINES)],
            size=7,
            transform=axes.transAxes,
        )


def _piled(inner: Axes, found: list[Series]) -> None:
    times = sorted({second for one in found for second in one.seconds})
    below = [0.0] * len(times)
    for place, one in enumerate(found):
        known = dict(zip(one.seconds, one.values, strict=True))
        above = [known.get(second, 0) + base for second, base in zip(times, below, strict=True)]
        colour = _LINES[place % len(_LINES)]
        inner.fill_between(times, below, above, color=colour, alpha=0.35, linewidth=0)
        inner.plot(times, above, color=colour, linewidth=1)
        below = above


def _number(axes: Axes, panel: dict[str, Any], found: list[Series]) -> None:
    if not found:
        _nothing(axes)
        return
    values = found[0].values
    colour = _coloured(panel, values[-1])
    axes.text(
        *(0.5, 0.5, _said(values[-1], _unit(panel))),
        color=colour,
        size=17,
        weight="bold",
        ha="center",
        va="center",
        transform=axes.transAxes,
    )
    inner = axes.inset_axes((0, 0, 1, 0.28), facecolor=_CARD)
    inner.fill_between(found[0].seconds, values, min(values), color=colour, alpha=0.3, linewidth=0)
    inner.axis("off")


def _bars(axes: Axes, panel: dict[str, Any], found: list[Series]) -> None:
    if not found:
        _nothing(axes)
        return
    inner = axes.inset_axes((0.3, 0.06, 0.56, 0.78), facecolor=_CARD)
    inner.axis("off")
    inner.set_ylim(-max(len(found), _FEWEST_BARS) + 0.5, 0.5)
    largest = panel["fieldConfig"]["defaults"].get("max") or max(one.values[-1] for one in found)
    for place, one in enumerate(found):
        value = one.values[-1]
        inner.barh(-place, largest or 1, color="#22252b", height=0.7)
        inner.barh(-place, value, color=_coloured(panel, value), height=0.7)
        said = _said(value, _unit(panel))
        inner.text(
            0,
            -place,
            f"{textwrap.shorten(one.name, 34, placeholder='…')} ",
            color=_INK,
            size=7,
            ha="right",
            va="center",
        )
        inner.text(largest or 1, -place, f" {said}", color=_INK, size=7, va="center")


def _states(axes: Axes, panel: dict[str, Any], found: list[Series]) -> None:
    if not found:
        _nothing(axes)
        return
    meanings = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    inner = axes.inset_axes((0.22, 0.12, 0.76, 0.7), facecolor=_CARD)
    inner.tick_params(colors=_FAINT, labelsize=7, length=0)
    inner.set_yticks([])
    inner.set_ylim(-max(len(found), _FEWEST_BARS) + 0.5, 0.5)
    for spine in inner.spines.values():
        spine.set_visible(False)
    inner.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    for place, one in enumerate(found):
        for second, value in zip(one.seconds, one.values, strict=True):
            meaning = meanings.get(f"{value:g}", {"color": "text"})
            inner.barh(-place, 2, left=second, color=_COLOURS[meaning["color"]], height=0.7)
        last = meanings.get(f"{one.values[-1]:g}", {"text": "?"})["text"]
        inner.text(
            one.seconds[0],
            -place,
            f"{one.name}: {last} ",
            color=_INK,
            size=7,
            ha="right",
            va="center",
        )


_KINDS: Final = {
    "timeseries": _lines,
    "stat": _number,
    "bargauge": _bars,
    "state-timeline": _states,
}


def _nothing(axes: Axes) -> None:
    axes.text(0.5, 0.45, "No data", color=_FAINT, size=10, ha="center", transform=axes.transAxes)


def _unit(panel: dict[str, Any]) -> str:
    return str(panel["fieldConfig"]["defaults"]["unit"])


def _steps(panel: dict[str, Any]) -> list[tuple[float | None, str]]:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return [(step["value"], _COLOURS[step["color"]]) for step in steps]


def _coloured(panel: dict[str, Any], value: float) -> str:
    reached = [colour for least, colour in _steps(panel) if least is None or value >= least]
    return reached[-1]


def _said(value: float, unit: str) -> str:
    """The value as people read it."""
    if unit == "percentunit":
        return f"{value:.0%}" if value >= 0.1 or not value else f"{value:.1%}"  # noqa: PLR2004 - as people do
    if unit == "s":
        if abs(value) < 1:
            return f"{value * 1000:.3g} ms"
        return f"{value:.3g} s" if abs(value) < 120 else f"{value / 60:.3g} min"  # noqa: PLR2004 - as people do
    if unit == "bytes":
        return f"{value / 2**20:.4g} MiB"
    said = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - as people do
    return {"currencyUSD": f"${said}", "percent": f"{said} %", "reqps": f"{said}/s"}.get(unit, said)
