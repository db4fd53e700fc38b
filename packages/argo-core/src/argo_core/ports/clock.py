"""Time, to read and to wait for."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time: `now` and `sleep` share one base, `monotonic` and `timeout` another.

    They are the same base but for a clock that plays a recording faster: there `now` and `sleep`
    follow the recording, while measuring and giving up stay on the wall, because vendors and disks
    do not get faster.
    """

    def now(self) -> datetime:
        """The moment, aware UTC; never earlier than the one given before."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `now` has moved on by that many seconds; at once for zero or less."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, to measure with; never goes back, whatever is set."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Raise TimeoutError out of the block once `monotonic` has moved on that far."""
        ...
