"""A clock that stands still until told, and refuses to go back."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# How often sleepers that were woken get a turn before the time goes on.
_TURNS = 20


class FakeClock:
    """Reading and sleeping share one time, which only `advance` moves."""

    def __init__(self, beginning: datetime = BEGINNING) -> None:
        self._now = beginning
        self._passed = 0.0
        self._count = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._passed + seconds, self._count, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its moment."""
        if seconds < 0:
            raise ValueError("time does not go back")
        await self._settle()
        end = self._passed + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, woken = heapq.heappop(self._sleepers)
            self._move(max(moment, self._passed))
            if not woken.done():
                woken.set_result(None)
            await self._settle()
        self._move(end)
        await self._settle()

    def _move(self, passed: float) -> None:
        self._now += timedelta(seconds=passed - self._passed)
        self._passed = passed

    async def _settle(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
