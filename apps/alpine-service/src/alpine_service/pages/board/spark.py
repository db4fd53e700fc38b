"""The few published prices of a symbol as a small line, with the signal's own levels beside it.

Only prices that stand in the record are drawn: those of vendors may not be passed on. The line ends
at the newest price; entry, stop and target are marks across the right end.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from alpine_service.domain.signals.price_point import PricePoint

WIDTH, HEIGHT = 120, 32
# Room for half a line above and below.
_MARGIN = 3
# The levels' marks stand here, behind the end of the line.
_LINE_END = 96
_LEVELS = ("entry", "stop", "target")


@frozen
class Spark:
    """`path` is the line, `x` and `y` its end; a level is None where there is none or no room."""

    path: str
    x: float
    y: float
    entry: float | None
    stop: float | None
    target: float | None
    words: str


def spark_of(points: Sequence[PricePoint], members: Mapping[str, str | int]) -> Spark | None:
    """Of prices with the oldest first and a signal's members; None where nothing can be drawn."""
    levels = {name: Decimal(str(members[name])) for name in _LEVELS if name in members}
    prices = [point.price for point in points]
    if not prices:
        return None
    every = [*prices, *levels.values()]
    low, high = min(every), max(every)

    def y(price: Decimal) -> float:
        if high == low:
            return HEIGHT / 2
        part = float((price - low) / (high - low))
        return round(HEIGHT - _MARGIN - part * (HEIGHT - 2 * _MARGIN), 1)

    begin, end = points[0].at_us, points[-1].at_us

    def x(at_us: int) -> float:
        return _LINE_END if end == begin else round(_LINE_END * (at_us - begin) / (end - begin), 1)

    path = "M" + "L".join(f"{x(point.at_us)} {y(point.price)}" for point in points)
    if len(points) == 1:
        path = f"M0 {y(prices[0])}H{_LINE_END}"
    return Spark(
        path=path,
        x=x(end),
        y=y(prices[-1]),
        entry=y(levels["entry"]) if "entry" in levels else None,
        stop=y(levels["stop"]) if "stop" in levels else None,
        target=y(levels["target"]) if "target" in levels else None,
        words=f"{len(points)} published prices, from {prices[0]} to {prices[-1]}",
    )
