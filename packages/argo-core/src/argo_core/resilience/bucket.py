"""A token bucket as one number, by the generic cell rate algorithm (ITU-T I.371).

TAT, the theoretical arrival time, is the moment at which the bucket is full again. With T = 1/rate
and B the burst, a call of cost n at `now` conforms iff

    max(TAT, now) + n T - now <= B T + slack,  that is  now >= TAT + n T - (B T + slack)

for every n <= B, and then TAT <- max(TAT, now) + n T. The second form gives the moment at which a
call conforms as the very floating-point number that the test compares with, so a caller who waits
until then is never told to wait again.
"""

import math

from argo_core.resilience.allowance import Allowance


class Bucket:
    """One limit at a `portion` of its rate; `tat` is its state, the rest follows."""

    __slots__ = ("burst", "interval", "rate", "slack", "tat", "tolerance")

    def __init__(self, allowance: Allowance, portion: float, slack: float) -> None:
        self.rate = allowance.rate
        self.burst = allowance.burst
        self.slack = slack
        self.tat = -math.inf
        self._run_at(portion)

    def ready_at(self, cost: int) -> float:
        """The moment from which on this cost conforms; for a cost beyond B, the last part of it."""
        return self.tat + cost * self.interval - self.tolerance

    def tokens(self, now: float) -> float:
        """What is saved up; below zero by what the slack has lent."""
        return self.burst - max(0.0, self.tat - now) / self.interval

    def keep(self, tokens: float, now: float) -> None:
        """Have so many tokens now; more than the burst is the burst."""
        self.tat = now + max(0.0, self.burst - tokens) * self.interval

    def change(self, at: float, portion: float) -> None:
        """Run at another portion of the rate from `at` on; the tokens stay."""
        before = self.interval
        self._run_at(portion)
        if self.tat > at:
            self.tat = at + (self.tat - at) * (self.interval / before)

    def refund(self, cost: int, least: float) -> None:
        """Take back a cost, but leave TAT no earlier than `least`, or where it is if that is."""
        self.tat = max(self.tat - cost * self.interval, min(self.tat, least))

    def _run_at(self, portion: float) -> None:
        self.interval = 1 / (self.rate * portion)
        self.tolerance = self.burst * self.interval + self.slack
