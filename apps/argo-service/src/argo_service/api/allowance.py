"""How often one caller may ask: a token bucket as one number (GCRA), times as arguments.

With T seconds a request and a burst of B: a request at `now` conforms if the theoretical arrival
time, moved on by T, is at most B·T ahead of now.
"""

from collections import OrderedDict

from attrs import frozen

MOST_CALLERS = 10_000


@frozen
class Verdict:
    """Whether to answer; `remaining` requests are left now, all are back after `reset_s`."""

    admitted: bool
    remaining: int
    reset_s: float
    retry_after_s: float


class Allowances:
    """`per_minute` requests for each caller, all of which may come at once; `name` tells which."""

    def __init__(self, name: str, per_minute: int) -> None:
        self.name = name
        self._span_s = 60.0
        self.relimit(per_minute)
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def relimit(self, per_minute: int) -> None:
        """Another number from now on; what a caller has asked already is counted in time."""
        self.per_minute = per_minute
        self._step_s = 60.0 / per_minute

    def ask(self, caller: str, now: float) -> Verdict:
        """Count a request of `caller` at `now` seconds on a clock that never goes back."""
        before = max(self._full_at.get(caller, now), now)
        after = before + self._step_s
        admitted = after - now <= self._span_s + self._step_s / 2
        if admitted:
            self._full_at[caller] = after
            self._full_at.move_to_end(caller)
            self._forget(now)
        ahead = (after if admitted else before) - now
        remaining = max(0, int((self._span_s - ahead) / self._step_s + 0.5))
        retry = 0.0 if admitted else after - now - self._span_s
        return Verdict(admitted, remaining, ahead, retry)

    def _forget(self, now: float) -> None:
        # A bucket that is full again says nothing; past the bound the least recent one goes.
        while self._full_at:
            caller, full_at = next(iter(self._full_at.items()))
            if full_at > now and len(self._full_at) <= MOST_CALLERS:
                return
            del self._full_at[caller]
