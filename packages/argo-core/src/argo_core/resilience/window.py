"""The last few calls, none of them old, with their sums always at hand."""

from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

from argo_core.resilience.breaker_policy import BreakerPolicy

Call: TypeAlias = tuple[float, bool, bool]
"""When a call ended in seconds, whether it failed, and whether it was slow."""


class Window:
    """At most `window_calls` calls, none more than `window_s` older than the last one added.

    Adding is O(1): each call enters once and leaves once, and the sums follow. While all is well
    there is nothing to sum, and a call is only noted; how old the others are is looked at later.
    """

    __slots__ = ("_calls", "_failures", "_most", "_policy", "_slow", "_span_s")

    def __init__(self, policy: BreakerPolicy, calls: Iterable[Call] = ()) -> None:
        self._policy = policy
        self._most = policy.window_calls
        self._span_s = policy.window_s
        # What is too many leaves by itself; calls that have to be counted out leave before.
        self._calls: deque[Call] = deque(maxlen=self._most)
        self._failures = 0
        self._slow = 0
        for call in calls:
            self.add(*call)

    @property
    def calls(self) -> tuple[Call, ...]:
        """What is in the window, the oldest first."""
        calls = self._calls
        return tuple(call for call in calls if calls[-1][0] - call[0] <= self._span_s)

    def add(self, at: float, failed: bool, slow: bool) -> bool:
        """Take in a call that ended no earlier than those before; whether the window trips now."""
        if failed or slow or self._failures or self._slow:
            return self._weigh(at, failed, slow)
        self._calls.append((at, failed, slow))
        return False

    def clear(self) -> None:
        """Forget everything."""
        self._calls.clear()
        self._failures = self._slow = 0

    def _weigh(self, at: float, failed: bool, slow: bool) -> bool:
        calls = self._calls
        if len(calls) == self._most:
            self._drop()
        calls.append((at, failed, slow))
        self._failures += failed
        self._slow += slow
        while at - calls[0][0] > self._span_s:
            self._drop()
        return self._failures + self._slow > 0 and self._trips()

    def _drop(self) -> None:
        _, had_failed, was_slow = self._calls.popleft()
        self._failures -= had_failed
        self._slow -= was_slow

    def _trips(self) -> bool:
        count, policy = len(self._calls), self._policy
        # A quotient is rounded correctly, as the share was: 4 of 5 is exactly 0.8.
        return count >= policy.min_calls and (
            self._failures / count >= policy.failure_share
            or self._slow / count >= policy.slow_share
        )
