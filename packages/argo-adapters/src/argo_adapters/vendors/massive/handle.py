"""One symbol's indicators at Massive, kept going from snapshot to snapshot."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from argo_core.market.bar import MINUTE, Bar
from argo_core.market.indicators import Technicals
from argo_core.market.reading import Reading

LAG = timedelta(seconds=5)
"""How long a minute may take to appear in the snapshots after it is over."""

BEHIND = timedelta(minutes=5)
"""Trades for this long without a bar cannot be right, whatever the snapshots say."""


class Handle:
    """Indicators, and when the vendor was last seen, so that a missed minute is noticed.

    A minute without a trade has no bar, and neither has a minute nobody looked at. The two are told
    apart by when we looked: a minute that was over well before the last look would have been seen.
    """

    def __init__(self, bars: Sequence[Bar], seen: datetime) -> None:
        """Open on at least 300 bars that the vendor had at its own time `seen`.

        Raises:
            InvalidInput: there are fewer bars.
        """
        self._technicals = Technicals(bars)
        self._seen = seen
        self._trading_since: datetime | None = None

    @property
    def reading(self) -> Reading:
        """The indicators after the last complete bar."""
        return self._technicals.reading

    def follow(self, minute: Bar | None, traded_at: datetime | None, seen: datetime) -> bool:
        """Fold in the last minute a snapshot of the vendor's time `seen` shows, if it is over.

        False says that bars in between are or may be lost, and that it takes new ones to go on.
        """
        last = self.reading.start
        if minute is not None and minute.end <= seen and minute.start > last:
            if minute.start > last + MINUTE and minute.start > self._seen - LAG:
                return False
            self._technicals.update(minute)
            self._trading_since = None
        self._seen = max(self._seen, seen)
        return not self._behind(traded_at)

    def _behind(self, traded_at: datetime | None) -> bool:
        if traded_at is None or traded_at < self.reading.end:
            return False
        self._trading_since = self._trading_since or traded_at
        return traded_at - self._trading_since > BEHIND
