"""The last few calls, none of them old, with their sums always at hand."""

from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

from argo_core.resilience.breaker_policy import BreakerPolicy

Call: TypeAlias = tuple[float, bool, bool]
"""When a call ended in seconds, whether it failed, and whether it was slow."""


class Window:
    """At most `window_calls` calls, none more than `window_s` older than the last one added.

    Adding is O(1): each call enters once and leaves once, and the sums follow.
    """

    __slots__ = ("_calls", "_failures", "_most", "_policy", "_slow", "_span_s")

    def __init__(self, policy: BreakerPolicy, calls: Iterable[Call] = ()) -> None:
        self._policy = policy
        self._most = policy.window_calls
        self._span_s = policy.window_s
        self._calls: deque[Call] = deque()
        self._failures = 0
        self._slow = 0
        for call in calls:
            self.add(*call)

    @property
    def calls(self) -> tuple[Call, ...]:
        """What is in the window, the oldest first."""
        return tuple(self._calls)

    def add(self, at: float, failed: bool, slow: bool) -> bool:
        """Take in a call that ended no earlier than those before; whether the window trips now."""
        calls = self._calls
        calls.append((at, failed, slow))
        if failed:
            self._failures += 1
        if slow:
            self._slow += 1
        while len(calls) > self._most or at - calls[0][0] > self._span_s:
            _, had_failed, was_slow = calls.popleft()
            if had_failed:
                self._failures -= 1
            if was_slow:
                self._slow -= 1
        return self._failures + self._slow > 0 and self._trips()

    def clear(self) -> None:
        """Forget everything."""
        self._calls.clear()
        self._failures = self._slow = 0

    def _trips(self) -> bool:
        count, policy = len(self._calls), self._policy
        # A quotient is rounded correctly, as the share was: 4 of 5 is exactly 0.8.
        return count >= policy.min_calls and (
            self._failures / count >= policy.failure_share
            or self._slow / count >= policy.slow_share
        )
