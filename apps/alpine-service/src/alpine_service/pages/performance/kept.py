"""The record's figures, looked up once for all who look at the same moment of it."""

import asyncio
from collections.abc import Mapping

from aiohttp import web
from attrs import define, field, frozen

from alpine_service.api.keys import PLATFORM, SIGNALS, TRACK_RECORD
from alpine_service.domain.signals.book import StrategyBook
from alpine_service.domain.signals.performance import Performance, Tally, performance_of
from alpine_service.domain.signals.record_figures import RecordFigures, figures_of
from alpine_service.ports.signals import Stamp, StrategyRecord

# Where a stamp says nothing, as when a commit becomes overdue, this is how late we may be.
_KEPT_S = 2.0


@frozen
class Figures:
    """Of one strategy, or of all: what counts, and what is counted beside."""

    record: RecordFigures
    counts: Performance


@frozen
class Looked:
    """All figures of about one moment; `strategies` are all that were ever registered."""

    overall: Figures
    strategies: tuple[StrategyRecord, ...]
    each: Mapping[str, Figures]

    def of(self, strategy: str) -> Figures:
        """A strategy's, empty ones if nothing of it is known."""
        return self.each.get(strategy) or _nothing_of(strategy)


@define
class KeptFigures:
    """Keeps what was looked up while the record's stamp is the same, and not for long."""

    _kept: Looked | None = field(default=None, repr=False)
    _stamp: Stamp | None = None
    _at: float = 0.0
    # Of many who come at once one looks, and the others find what it saw.
    _turn: asyncio.Lock = field(factory=asyncio.Lock, repr=False)

    async def look(self, app: web.Application) -> Looked:
        """The figures as they are now, or were a moment ago."""
        async with self._turn:
            return await self._look(app)

    async def _look(self, app: web.Application) -> Looked:
        signals = app[SIGNALS]
        stamp, now = await signals.stamp(), app[PLATFORM].clock.monotonic()
        if self._kept is not None and self._stamp == stamp and now - self._at < _KEPT_S:
            return self._kept
        record = await app[TRACK_RECORD].figures()
        overall, counts = await signals.performance()
        strategies = await signals.strategies()
        tallies = {one.tally.strategy: one for one in counts}
        figures = {one.strategy: one for one in record.strategies}
        self._kept = Looked(
            Figures(record.overall, overall),
            tuple(strategies),
            {
                name: Figures(
                    figures.get(name) or _nothing_of(name).record,
                    tallies.get(name) or _nothing_of(name).counts,
                )
                for name in {*tallies, *figures}
            },
        )
        self._stamp, self._at = stamp, now
        return self._kept


def _nothing_of(strategy: str) -> Figures:
    return Figures(figures_of(strategy, StrategyBook()), performance_of(Tally(strategy)))
