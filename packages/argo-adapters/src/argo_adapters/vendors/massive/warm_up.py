"""All symbols' indicators at Massive, opened a few at a time."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.visit import AT_ONCE, Visit
from argo_adapters.vendors.massive.api import minute_bars
from argo_adapters.vendors.massive.handle import Handle
from argo_adapters.vendors.massive.rows import Row
from argo_core.errors import InvalidInput, VendorError, VendorThrottled
from argo_core.market.bar import MINUTE
from argo_core.market.indicators import WARM_UP
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.reading import Reading

_WARMING = "warming up"
# Four sessions, a weekend and a holiday beside them.
_REACH = timedelta(days=8)
_SOON = timedelta(seconds=10)


@frozen
class Sighting:
    """An instrument's row in a snapshot, and Massive's own time of that snapshot."""

    instrument: Instrument
    row: Row
    seen: datetime


class WarmUp:
    """Handles by symbol; `most` are opened in one ask, in at most `seconds`."""

    def __init__(self, client: HttpClient, *, most: int, seconds: float) -> None:
        self._client = client
        self.most = most
        self._seconds = seconds
        self._handles: dict[Symbol, Handle] = {}
        self._not_before: dict[Symbol, datetime] = {}
        self._reasons: dict[Symbol, str] = {}

    def reading(self, symbol: Symbol) -> Reading | None:
        """The indicators after the last complete bar, or None without any."""
        handle = self._handles.get(symbol)
        return handle.reading if handle else None

    def reason(self, symbol: Symbol) -> str:
        """Why there is no reading."""
        return self._reasons.get(symbol, _WARMING)

    def follow(self, sighting: Sighting) -> bool:
        """Fold a snapshot in; False says that the symbol needs opening."""
        row = sighting.row
        handle = self._handles.get(row.symbol)
        if handle is None:
            return False
        if not handle.follow(row.minute, row.traded_at, sighting.seen):
            del self._handles[row.symbol]
            return False
        return True

    def put_off(
        self, symbol: Symbol, now: datetime, reason: str, pause: timedelta = MINUTE
    ) -> None:
        """Have no handle for a while, so that others get their turn."""
        self._handles.pop(symbol, None)
        self._not_before[symbol] = now + pause
        self._reasons[symbol] = reason

    async def open(self, visit: Visit, cold: Sequence[Sighting], now: datetime) -> None:
        """Open as many of these as one ask may, first come, first served."""
        due = [one for one in cold if self._not_before.get(one.instrument.symbol, now) <= now]
        queue = iter(due[: self.most])
        try:
            async with asyncio.timeout(self._seconds):
                await visit.each(self._serve(visit, queue, now) for _ in range(AT_ONCE))
        except TimeoutError:
            # What was opened stays open, and the rest has its turn in the next ask.
            return

    async def _serve(self, visit: Visit, queue: Iterator[Sighting], now: datetime) -> None:
        """Open one after the other; an error that will meet the next one too ends this."""
        for one in queue:
            symbol, bars = one.instrument.symbol, []
            try:
                bars = await minute_bars(
                    self._client, visit, one.instrument, now, _REACH, wait_s=self._seconds
                )
                handle = Handle(bars, one.seen)
            except VendorError as error:
                if isinstance(error, VendorThrottled) or not error.calls:
                    return
                self.put_off(symbol, now, f"{_WARMING}: {error.problem}", _SOON)
            except InvalidInput:
                problem = f"{_WARMING}: {len(bars)} of {WARM_UP} minute bars"
                self.put_off(symbol, now, problem)
            else:
                self._handles[symbol] = handle
                self._not_before.pop(symbol, None)
                self._reasons.pop(symbol, None)
                self.follow(one)
