"""How sure a share or a mean is.

E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927), and a
bootstrap of whole blocks of time after H. R. Künsch, "The Jackknife and the Bootstrap for General
Stationary Observations" (1989): symbols rise and fall together, so that what is drawn anew are days
and not opinions.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from attrs import frozen

from argo_core.signals.calibration.bins import Floats, Whole

Z = 1.959963984540054
"""The normal distribution's 97.5 % point: intervals hold 95 %."""

LEAST_BLOCKS = 10
"""With fewer blocks of time there is no interval, because it would be far too narrow."""

_TAIL = 2.5
_WHOLE = 100


@frozen
class Estimate:
    """A value with its 95 % interval; where one of them is None, `reason` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@frozen
class Proportion:
    """`hits` of `n`, the rate, and Wilson's 95 % interval; without any n there is neither."""

    hits: int
    n: int
    rate: float | None
    low: float | None
    high: float | None


def wilson(hits: int, n: int, z: float = Z) -> Proportion:
    """The share with Wilson's score interval."""
    if n == 0:
        return Proportion(hits, n, None, None, None)
    rate, spread = hits / n, z * z / n
    middle = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    # At 0 and at n hits one end is exact, which rounding would miss by a hair.
    low = 0.0 if hits == 0 else middle - half
    return Proportion(hits, n, rate, low, 1.0 if hits == n else middle + half)


@frozen
class Draws:
    """How often each block of time occurs in each of some resampled histories, (R, blocks)."""

    counts: Whole

    @classmethod
    def of(cls, blocks: int, replicates: int, seed: int) -> "Draws":
        """Histories of as many blocks, each equally likely; the same for the same seed."""
        chance = np.random.Generator(np.random.PCG64(seed))
        shares = np.full(blocks, 1 / blocks)
        return cls(chance.multinomial(blocks, shares, size=replicates).astype(np.int64))


def estimate(
    sums: Floats, draws: Draws | None, value_of: Callable[[Floats], Floats], why: str
) -> Estimate:
    """A statistic of sums over blocks, and its percentile interval over resampled histories.

    `sums` are (blocks, m), what each block adds to each of m sums; `value_of` makes the statistic
    from (..., m) sums, NaN where it is undefined, which `why` explains. Histories in which it is
    undefined are left out of the interval.
    """
    value = float(value_of(sums.sum(axis=0)))
    if np.isnan(value):
        return Estimate(None, reason=why)
    if draws is None:
        return Estimate(value, reason=f"there are fewer than {LEAST_BLOCKS} blocks of time")
    drawn = value_of(draws.counts @ sums)
    seen = drawn[~np.isnan(drawn)]
    if not seen.size:
        return Estimate(value, reason="it is undefined in all histories that were drawn")
    low, high = np.percentile(seen, [_TAIL, _WHOLE - _TAIL])
    return Estimate(value, float(low), float(high))
