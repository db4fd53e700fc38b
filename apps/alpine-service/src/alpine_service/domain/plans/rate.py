"""The rate of an account: GCRA, as ITU-T I.371 (annex A, virtual scheduling) has it.

One number is kept, the theoretical arrival time: when the next request would come if all had come
evenly. Who comes earlier than that by more than the tolerance is refused, and nothing is counted.
"""

from attrs import frozen

MINUTE_US = 60_000_000


@frozen
class Rate:
    """So many requests a minute, half of which may come at once.

    In any minute that makes at most one and a half times `per_minute`, and over longer times just
    `per_minute`.
    """

    per_minute: int

    @property
    def burst(self) -> int:
        return max(1, self.per_minute // 2)

    @property
    def interval_us(self) -> int:
        """Between requests that come evenly; rounded up, so that the rate is never exceeded."""
        return -(-MINUTE_US // self.per_minute)


@frozen
class Judged:
    """A judgement: `arrival_us` is to be kept for the next one.

    `left` more would be admitted now; `wait_us` from now one would be, at the latest.
    """

    is_admitted: bool
    arrival_us: int
    wait_us: int
    left: int


def judge(rate: Rate, arrival_us: int, now_us: int) -> Judged:
    """One request at `now_us`; `arrival_us` is 0 or what the last judgement said."""
    interval = rate.interval_us
    tolerance = (rate.burst - 1) * interval
    due = max(arrival_us, now_us)
    early = due - now_us
    if early > tolerance:
        return Judged(False, arrival_us, early - tolerance, 0)
    left = (tolerance - early) // interval
    return Judged(True, due + interval, max(0, early + interval - tolerance), left)
