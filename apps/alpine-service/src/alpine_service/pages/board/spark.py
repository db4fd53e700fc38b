"""The few published prices of a symbol as a small line, with the signal's own levels beside it.

Only prices that stand in the record are drawn: those of vendors may not be passed on. The levels
are marks at the right, behind the end of the line.
"""

from collections.abc import Mapping, Sequence

from attrs import frozen

from alpine_service.domain.signals.price_point import PricePoint
from alpine_service.pages.charts.scale import is_drawable
from alpine_service.pages.charts.sparkline import sparkline
from alpine_service.pages.charts.values import Level

# Of the 120 pixels of the picture the last ones are the levels'.
_LINE_WIDTH, _HEIGHT = 98, 32
_LEVELS = ("entry", "stop", "target")


@frozen
class Spark:
    """`path` is the line, `x` and `y` its end; a level is None where the signal has none."""

    path: str
    x: float
    y: float
    entry: float | None
    stop: float | None
    target: float | None
    words: str


def spark_of(points: Sequence[PricePoint], members: Mapping[str, str | int]) -> Spark | None:
    """Of prices with the oldest first and a signal's members; None where nothing can be drawn."""
    if not points:
        return None
    values = {name: float(members[name]) for name in _LEVELS if name in members}
    values = {name: value for name, value in values.items() if is_drawable(value)}
    drawn = sparkline(
        [(float(point.at_us), float(point.price)) for point in points],
        [Level(name, value) for name, value in values.items()],
        _LINE_WIDTH,
        _HEIGHT,
    )
    if drawn.last_x is None or drawn.last_y is None:
        return None
    levels = {name: level.y for name, level in zip(values, drawn.levels, strict=True)}
    return Spark(
        path=drawn.path,
        x=drawn.last_x,
        y=drawn.last_y,
        entry=levels.get("entry"),
        stop=levels.get("stop"),
        target=levels.get("target"),
        words=f"{len(points)} published prices, from {points[0].price} to {points[-1].price}",
    )
