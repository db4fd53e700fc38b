"""A clock that stands still until told, so waiting a minute takes no time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from argo_core.errors import InvalidInput
from argo_core.market.moment import aware

BEGINNING = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)

# Each turn lets every ready task run one step; a chain of awaits longer than this would be cut.
_TURNS = 50


class FakeClock:
    """Both bases are one. Sleepers wake in order of their time, then in order of arrival."""

    def __init__(self, starts: datetime = BEGINNING) -> None:
        self._now = aware("starts", starts)
        self._passed = 0.0
        self._alarms: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ticket = count()

    def now(self) -> datetime:
        """The moment it was last told."""
        return self._now

    def monotonic(self) -> float:
        """Seconds it was told to pass since it was made."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Wait until told that many seconds more."""
        if seconds > 0:
            await self._alarm(seconds)

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """Raise TimeoutError out of the block when told that many seconds more."""
        async with asyncio.timeout(None) as scope:
            alarm = self._alarm(seconds)

            def ring(done: asyncio.Future[None]) -> None:
                if not done.cancelled():
                    # A moment already past makes asyncio fire at its next turn.
                    scope.reschedule(0)

            alarm.add_done_callback(ring)
            try:
                yield scope
            finally:
                alarm.cancel()

    async def advance(self, seconds: float) -> None:
        """Let that many seconds pass, waking whoever is due on the way, and let them all settle.

        Raises:
            InvalidInput: the clock was asked to go back.
        """
        if seconds < 0:
            raise InvalidInput("seconds", f"{seconds} would go back", "give zero or more")
        await self.settle()
        target = self._passed + seconds
        while self._alarms and self._alarms[0][0] <= target:
            due, _, alarm = heappop(self._alarms)
            self._set(due)
            if not alarm.done():
                alarm.set_result(None)
                await self.settle()
        self._set(target)

    async def settle(self) -> None:
        """Let every task run as far as it can without time passing."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)  # noqa: TID251 - gives way to other tasks, waits for nothing

    def _alarm(self, seconds: float) -> asyncio.Future[None]:
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._alarms, (self._passed + max(0.0, seconds), next(self._ticket), alarm))
        return alarm

    def _set(self, passed: float) -> None:
        self._now += timedelta(seconds=passed - self._passed)
        self._passed = passed
