"""The clock of a soak: one for all its processes, in each of which it can be stepped."""

import asyncio
import mmap
import struct
import time
from datetime import datetime, timedelta
from pathlib import Path

from attrs import define, field

_STEP = struct.Struct("<d")


class Step:
    """Seconds by which one process's clock is wrong, in a file that others may write."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_STEP.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _STEP.size)

    @property
    def seconds(self) -> float:
        return float(_STEP.unpack_from(self._shared)[0])

    def set(self, seconds: float) -> None:
        _STEP.pack_into(self._shared, 0, seconds)


@define
class StageClock:
    """Was at `origin` when the machine's monotonic clock said `since`; `speed` times as fast.

    Like the machine's own clock in the service it stands still while it is set back, and measuring
    and giving up do not mind how it is set.
    """

    origin: datetime
    since: float
    speed: float
    step: Step | None = None
    _latest: datetime = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._latest = self.origin

    def now(self) -> datetime:
        """The recording's moment, aware UTC."""
        wrong = self.step.seconds if self.step else 0.0
        passed = (time.monotonic() - self.since) * self.speed + wrong
        self._latest = max(self._latest, self.origin + timedelta(seconds=passed))
        return self._latest

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds of the recording have been played."""
        if seconds > 0:
            await asyncio.sleep(seconds / self.speed)

    def monotonic(self) -> float:
        """Wall seconds since an arbitrary start."""
        return time.monotonic()

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """Raise TimeoutError out of the block after that many wall seconds."""
        return asyncio.timeout(seconds)
