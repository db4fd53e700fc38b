"""A vendor's rate limit: a sliding window on the tape's time."""

from collections import deque

from attrs import define, field

from argo_adapters.simulator.stamps import SECOND
from argo_adapters.simulator.wire import Limit


@define
class Throttle:
    """Counts requests of the last `limit.seconds`; refused ones do not count."""

    limit: Limit
    _taken: deque[int] = field(factory=deque)

    def admit(self, now: int) -> bool:
        """Whether a request at `now` in nanoseconds is within the limit; it then counts."""
        span = int(self.limit.seconds * SECOND)
        while self._taken and self._taken[0] <= now - span:
            self._taken.popleft()
        if len(self._taken) >= self.limit.requests:
            return False
        self._taken.append(now)
        return True

    def left(self) -> int:
        """How many more requests would be admitted at the moment last seen."""
        return self.limit.requests - len(self._taken)

    def resets(self, now: int) -> int:
        """The Unix second by which nothing of the window is left."""
        newest = self._taken[-1] if self._taken else now
        return (newest + int(self.limit.seconds * SECOND)) // SECOND + 1
