"""The machine's own clock."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Wall time that never goes back: while the machine's clock is behind, it stands still."""

    def __init__(self) -> None:
        self._latest = datetime.now(UTC)

    def now(self) -> datetime:
        """The moment, aware UTC; never earlier than the one given before."""
        self._latest = max(self._latest, datetime.now(UTC))
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
