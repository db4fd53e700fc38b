"""Bars as one continuous series of log prices, without the jumps between sessions.

Logarithms make each number free of the price level and make a mirrored market give mirrored
numbers. Splicing removes the jump between two sessions (see `market.minutes.BREAK`): the first open
after a break continues where the last close ended, because an overnight gap, or a split, is a new
level and no trend.
"""

import math

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.minutes import broken

GRID = 2.0**36
"""Steps of one log unit that logarithms are rounded to, a ten-millionth of a basis point each.

Sums of rounded ones are exact, so the noise of floating point never decides whether a bar reached
as far up as down, on which Wilder's directional movement turns completely.
"""


@frozen
class Row:
    """What the indicators are fed with for one bar."""

    high: float
    low: float
    close: float
    square: float
    volume: float


def _log(price: float) -> float:
    return round(math.log(price) * GRID) / GRID


class Splice:
    """Turns bars into rows of one continuous log-price series that begins at zero."""

    def __init__(self) -> None:
        self.last: Bar | None = None
        self._level = 0.0
        self._shift = 0.0

    def feed(self, bar: Bar) -> Row:
        last = self.last
        if last is not None and bar.symbol != last.symbol:
            problem = f"{bar.symbol} is not {last.symbol}"
            raise InvalidInput("symbol", problem, "give the bars of one symbol")
        if last is not None and bar.start <= last.start:
            problem = f"{bar.start} does not follow {last.start}"
            raise InvalidInput("bars", problem, "sort them by time, each minute once")
        if last is None or broken(last.start, bar.start):
            self._shift = self._level - _log(bar.open)
        close = _log(bar.close) + self._shift
        move = close - self._level
        self.last, self._level = bar, close
        return Row(
            _log(bar.high) + self._shift,
            _log(bar.low) + self._shift,
            close,
            move * move,
            bar.volume,
        )
