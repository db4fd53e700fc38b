"""Minute bars, built from prices as they are observed."""

import math
from datetime import datetime, timedelta

from attrs import frozen

from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Symbol

BREAK = timedelta(hours=4)
"""A silence longer than this between two bars means that the market was closed in between.

Every overnight pause is at least eight hours, extended hours included. The longest silence inside a
regular session was 134 minutes in a year of twelve thinly traded US stocks, so bars alone tell
sessions apart.
"""


def broken(before: datetime, start: datetime) -> bool:
    """Whether a session break lies between two bars that start at these moments."""
    return start - before > BREAK


@frozen
class Minute:
    """The minute bar of `symbol` as it stands, from the prices observed in it so far."""

    bar: Bar

    @staticmethod
    def begin(symbol: Symbol, price: float, at: datetime, volume: float = 0.0) -> "Minute":
        """The minute of a first observation; arguments as in `observe`.

        Raises:
            InvalidInput: the price or volume is not one, or `at` is not aware UTC.
        """
        start = at.replace(second=0, microsecond=0)
        return Minute(Bar(symbol, start, price, price, price, price, volume))

    def observe(
        self, price: float, at: datetime, volume: float = 0.0
    ) -> tuple["Minute", Bar | None]:
        """The minute after one more price, and the bar this observation completed, if any.

        `at` is the exchange's time of the price, `volume` what traded since the observation
        before, in shares or coins. A price of an earlier minute comes too late and is ignored:
        that bar is out already. A minute in which nothing was observed has no bar.

        Raises:
            InvalidInput: the price or volume is not one, or `at` is not aware UTC.
        """
        bar = self.bar
        start = at.replace(second=0, microsecond=0)
        if start == bar.start and 0 < price < math.inf and volume >= 0:
            # The way of nearly every price, and so the bar is made but once.
            high, low = max(bar.high, price), min(bar.low, price)
            volume += bar.volume
            return Minute(Bar(bar.symbol, start, bar.open, high, low, price, volume)), None
        fresh = Minute.begin(bar.symbol, price, at, volume)
        return (self, None) if fresh.bar.start < bar.start else (fresh, bar)

    def over(self, now: datetime) -> bool:
        """Whether the minute has ended, so that its bar may be used without waiting for more."""
        return now >= self.bar.start + MINUTE
