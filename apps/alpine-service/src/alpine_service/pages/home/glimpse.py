"""The record at a glance, for whoever comes for the first time: the same for everybody."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from attrs import define, field, frozen

from alpine_service.api.keys import PLATFORM, SIGNALS, TRACK_RECORD
from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.record_figures import RecordFigures
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.pages.board.row import Row, row_of
from alpine_service.pages.charts.sparkline import sparkline
from alpine_service.pages.charts.values import Level, Look, Sparkline
from alpine_service.pages.performance.equity import equity_points

# Nobody who comes for the first time needs it newer, and many may come at once.
KEPT_S = 2.0
_LOOKED_AT, _SHOWN = 40, 6
_WIDTH, _HEIGHT = 560, 120


@frozen
class Glimpse:
    """Figures of all strategies, their equity as a line, and some of the newest signals."""

    figures: RecordFigures
    equity: Sparkline
    signals: tuple[Row, ...]


@define
class Glimpses:
    """Looks at the record once in `KEPT_S`."""

    _glimpse: Glimpse | None = None
    _at: float = 0.0
    # Of many who come at once one looks, and the others find what it saw.
    _turn: asyncio.Lock = field(factory=asyncio.Lock, repr=False)

    async def of(self, request: web.Request) -> Glimpse:
        clock = request.app[PLATFORM].clock
        async with self._turn:
            if self._glimpse is None or clock.monotonic() - self._at >= KEPT_S:
                self._glimpse, self._at = await _look(request, clock.now()), clock.monotonic()
            return self._glimpse


async def _look(request: web.Request, now: datetime) -> Glimpse:
    figures = (await request.app[TRACK_RECORD].figures()).overall
    page = await request.app[SIGNALS].page(Asked(), Audience.EVERYBODY, None, _LOOKED_AT)
    newest: Mapping[str, SignalRecord] = {
        each.symbol: each for each in reversed(page.signals) if each.symbol is not None
    }
    signals = sorted(newest.values(), key=lambda each: -each.log_index)[:_SHOWN]
    points = equity_points(figures.days)
    return Glimpse(
        figures,
        sparkline(points, (Level("zero", 0.0, Look.STILL),) if points else (), _WIDTH, _HEIGHT),
        tuple(row_of(each, (), now) for each in signals),
    )
