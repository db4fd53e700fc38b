"""A clock that plays a recording, at its own pace or faster."""

import asyncio
import time
from datetime import datetime, timedelta

from argo_core.errors import InvalidInput
from argo_core.market.moment import aware

FASTEST = 10_000


class TapeClock:
    """Begins at `starts` when made and runs `speed` times as fast as the wall.

    Timeouts and measurements stay on the wall.
    """

    def __init__(self, starts: datetime, speed: float = 1.0) -> None:
        if not 0 < speed <= FASTEST:
            raise InvalidInput("speed", f"{speed} is not a pace", f"give a number up to {FASTEST}")
        self._starts = aware("starts", starts)
        self._speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The recording's moment, aware UTC."""
        passed = (time.monotonic() - self._began) * self._speed
        return self._starts + timedelta(seconds=passed)

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds of the recording have been played."""
        if seconds > 0:
            await asyncio.sleep(seconds / self._speed)

    def monotonic(self) -> float:
        """Wall seconds since an arbitrary start."""
        return time.monotonic()

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """Raise TimeoutError out of the block after that many wall seconds."""
        return asyncio.timeout(seconds)
