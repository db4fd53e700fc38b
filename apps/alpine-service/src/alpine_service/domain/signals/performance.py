"""What a strategy's signals were worth, counted so that hiding a bad one does not pay.

A signal has a place in the count once the log resolved it and everybody may see it. A commit that
was due to be revealed and was not counts as a loss of everything. What is still sealed in time, not
resolved yet or void, for want of prices, is counted beside.
"""

import math

from attrs import frozen

# The return of what was never shown: all of it lost.
WORST_BP = -10_000
# The 0.975 quantile of the normal distribution: intervals hold the truth 19 times of 20.
Z = 1.959963984540054


@frozen
class Tally:
    """Counts over the signals of one strategy.

    `signals` is all of them, holds included. `resolved` have a return, `hits` one above zero, and
    `returns_bp` is their sum. `overdue` were not revealed in time; `sealed` are due later.
    """

    strategy: str
    signals: int = 0
    holds: int = 0
    pending: int = 0
    void: int = 0
    sealed: int = 0
    overdue: int = 0
    resolved: int = 0
    hits: int = 0
    returns_bp: int = 0
    returns_squared: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.strategy,
            self.signals + other.signals,
            self.holds + other.holds,
            self.pending + other.pending,
            self.void + other.void,
            self.sealed + other.sealed,
            self.overdue + other.overdue,
            self.resolved + other.resolved,
            self.hits + other.hits,
            self.returns_bp + other.returns_bp,
            self.returns_squared + other.returns_squared,
        )


@frozen
class Performance:
    """What follows from a tally.

    `counted` is `resolved` and `overdue`; without any there is no rate. `hit_rate` is between 0 and
    1, its interval is Wilson's; `mean_return_bp` has a standard error from two on.
    """

    tally: Tally
    counted: int
    hit_rate: float | None
    hit_rate_low: float | None
    hit_rate_high: float | None
    mean_return_bp: float | None
    standard_error_bp: float | None


def performance_of(tally: Tally) -> Performance:
    """Rates and means, overdue commits counted at their worst."""
    counted = tally.resolved + tally.overdue
    if not counted:
        return Performance(tally, 0, None, None, None, None, None)
    low, high = wilson(tally.hits, counted)
    total = tally.returns_bp + WORST_BP * tally.overdue
    squared = tally.returns_squared + WORST_BP**2 * tally.overdue
    return Performance(
        tally,
        counted,
        tally.hits / counted,
        low,
        high,
        total / counted,
        standard_error(counted, total, squared),
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The interval of a proportion by E. B. Wilson, JASA 22 (1927), 209-212.

    Unlike the textbook's it is right for small counts and for rates of 0 and 1 (Brown, Cai and
    DasGupta, Statistical Science 16 (2001), 101-133).
    """
    rate = hits / count
    spread = Z**2 / count
    middle = (rate + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(rate * (1 - rate) / count + spread / (4 * count))
    # Both ends are in [0, 1] but for the last bit, and exactly there at rates of 0 and 1.
    return (
        max(0.0, middle - half) if hits else 0.0,
        min(1.0, middle + half) if hits < count else 1.0,
    )


def standard_error(count: int, total: int, squared: int) -> float | None:
    """Of a mean: s / sqrt(n), with s² = (Σx² - (Σx)²/n) / (n - 1); the sums are whole numbers."""
    if count < 2:  # noqa: PLR2004 - one value has no spread
        return None
    return math.sqrt((count * squared - total**2) / (count**2 * (count - 1)))
