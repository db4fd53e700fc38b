"""Values over time, in one plot or in several below each other."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from attrs import evolve, frozen

from alpine_service.pages.charts.drawing import Plot, dots, draw, marks, rules, sign_of
from alpine_service.pages.charts.numbers import Numbers
from alpine_service.pages.charts.scale import Span, digits_for, is_drawable, span_of, ticks
from alpine_service.pages.charts.thinning import thin
from alpine_service.pages.charts.time_ticks import time_ticks
from alpine_service.pages.charts.values import (
    Chart,
    Kind,
    LegendItem,
    Level,
    Moment,
    Panel,
    Series,
    Table,
    Tick,
)

MOST_ROWS = 60
# So much of the values' extent is left free on both sides.
_MARGIN = 0.06
_US = 1_000_000


@frozen
class Lines:
    """What one plot of a line chart shows. `says` is its main fact in words."""

    name: str
    says: str
    series: tuple[Series, ...]
    numbers: Numbers
    levels: tuple[Level, ...] = ()
    moments: tuple[Moment, ...] = ()
    size: str = "tall"
    y_ticks: int = 5


def line_chart(
    name: str,
    title: str,
    says: str,
    plots: Sequence[Lines],
    *,
    table: Table,
    more: str | None = None,
) -> Chart:
    """A chart of plots with one time axis; their series have times in microseconds.

    What is beyond all that can be drawn is left out.
    """
    plots = [_drawable(plot) for plot in plots]
    x = span_of(at for plot in plots for at in _times(plot))
    panels = tuple(
        _panel(plot, x, has_x_labels=place == len(plots) - 1) for place, plot in enumerate(plots)
    )
    shown = tuple(chain.from_iterable(_legend(plot) for plot in plots))
    return Chart(
        name,
        title,
        says,
        panels,
        table,
        shown if len(shown) > 1 else (),
        more,
        {"title": title, "plots": [_given(plot) for plot in plots]},
    )


def thinned(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table of `MOST_ROWS` rows at most: of more, evenly chosen ones with the first and last."""
    if len(rows) <= MOST_ROWS:
        return Table(columns, tuple(rows))
    last = len(rows) - 1
    chosen = [round(place * last / (MOST_ROWS - 1)) for place in range(MOST_ROWS)]
    return Table(columns, tuple(rows[place] for place in chosen), len(rows) - MOST_ROWS)


def _drawable(plot: Lines) -> Lines:
    return evolve(
        plot,
        series=tuple(
            evolve(each, points=tuple(one for one in each.points if is_drawable(*one)))
            for each in plot.series
        ),
        levels=tuple(each for each in plot.levels if is_drawable(each.value)),
        moments=tuple(each for each in plot.moments if is_drawable(each.at, each.value)),
    )


def _times(plot: Lines) -> Sequence[float]:
    return [
        *(at for series in plot.series for at, _ in series.points),
        *(each.at for each in plot.moments),
    ]


def _y_span(plot: Lines) -> Span:
    values = [
        *(value for series in plot.series for _, value in series.points),
        *(each.value for each in plot.levels),
        *(each.value for each in plot.moments),
    ]
    if not any(series.kind is Kind.AREA for series in plot.series):
        return span_of(values, margin=_MARGIN)
    # An area stands on zero, without room behind it.
    span = span_of([*values, 0.0], margin=_MARGIN)
    is_below = max(values, default=0.0) <= 0
    return (
        Span(span.low, 0.0) if is_below else Span(0.0 if min(values) >= 0 else span.low, span.high)
    )


def _panel(lines: Lines, x: Span, *, has_x_labels: bool) -> Panel:
    plot = Plot(x, _y_span(lines))
    values = ticks(plot.y, lines.y_ticks)
    numbers = _axis_numbers(lines.numbers, values)
    return Panel(
        name=lines.name,
        says=lines.says,
        size=lines.size,
        x_ticks=tuple(Tick(plot.left(at), words) for at, words in time_ticks(x)),
        y_ticks=tuple(Tick(plot.top(value), numbers.say(value)) for value in values),
        drawn=tuple(chain.from_iterable(draw(each, plot) for each in lines.series)),
        dots=(
            *chain.from_iterable(dots(each, plot) for each in lines.series),
            *marks(lines.moments, plot),
        ),
        rules=rules(lines.levels, plot, [_label(each, lines.numbers) for each in lines.levels]),
        has_x_labels=has_x_labels,
    )


def _axis_numbers(numbers: Numbers, values: Sequence[float]) -> Numbers:
    """With as many decimals as tell the ticks apart."""
    scale = {"price": 1.0, "change": 0.01, "part": 100.0}[numbers.unit]
    return Numbers(numbers.unit, digits_for([each * scale for each in values]))


def _label(level: Level, numbers: Numbers) -> str:
    return f"{level.name} {numbers.say(level.value)}" if level.name else ""


def _legend(lines: Lines) -> Sequence[LegendItem]:
    return [
        *(LegendItem(each.name, each.look, each.kind) for each in lines.series),
        *(
            LegendItem(each.name, each.look, sign_of(place))
            for place, each in enumerate(lines.moments)
        ),
    ]


def _given(lines: Lines) -> Mapping[str, Any]:
    """A plot for the script, times in seconds as it takes them."""
    y = _y_span(lines)
    return {
        "name": lines.name,
        "numbers": lines.numbers.given(),
        "low": y.low,
        "high": y.high,
        "series": [
            {
                "name": each.name,
                "kind": str(each.kind),
                "look": str(each.look),
                "points": [[at / _US, value] for at, value in thin(each.points)],
            }
            for each in lines.series
        ],
        "levels": [
            {"label": _label(each, lines.numbers), "value": each.value, "look": str(each.look)}
            for each in lines.levels
        ],
        "moments": [
            {
                "name": each.name,
                "at": each.at / _US,
                "value": each.value,
                "look": str(each.look),
                "sign": sign_of(place),
            }
            for place, each in enumerate(lines.moments)
        ],
    }
