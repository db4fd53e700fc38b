"""The machine's own clock."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime


def machine_time() -> datetime:
    """What the machine says the time is, aware UTC."""
    return datetime.now(UTC)


class SystemClock:
    """Wall time that never goes back: while the machine's clock is behind, it stands still."""

    def __init__(self, read: Callable[[], datetime] = machine_time) -> None:
        self._read = read
        self._latest = read()

    def now(self) -> datetime:
        """The moment, aware UTC; never earlier than the one given before."""
        self._latest = max(self._latest, self._read())
        return self._latest

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds have passed."""
        if seconds > 0:
            await asyncio.sleep(seconds)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, unmoved by clock steps."""
        return time.monotonic()

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """Raise TimeoutError out of the block after that many seconds."""
        return asyncio.timeout(seconds)
