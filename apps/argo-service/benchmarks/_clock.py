"""One clock for two processes of one machine: both count from the same monotonic moment."""

import asyncio
import time
from datetime import datetime, timedelta

from attrs import define, field

_LOOK_S = 0.01


@define
class SharedClock:
    """Was at `origin` when the machine's monotonic clock said `since`; `speed` times as fast.

    At speed 0 it stands still between leaps. Measuring and giving up stay on the wall. `leap` puts
    it forward, in each process for itself.
    """

    origin: datetime
    since: float = field(factory=time.monotonic)
    speed: float = 1.0
    leapt_s: float = field(default=0.0, init=False)

    def leap(self, seconds: float) -> None:
        self.leapt_s += seconds

    def now(self) -> datetime:
        passed = (time.monotonic() - self.since) * self.speed
        return self.origin + timedelta(seconds=passed + self.leapt_s)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        if self.speed:
            await asyncio.sleep(max(0.0, seconds) / self.speed)
            return
        until = self.now() + timedelta(seconds=seconds)
        while self.now() < until:  # noqa: ASYNC110 - leaps are rare, and nobody waits for long
            await asyncio.sleep(_LOOK_S)

    def timeout(self, seconds: float) -> asyncio.Timeout:
        return asyncio.timeout(seconds)
