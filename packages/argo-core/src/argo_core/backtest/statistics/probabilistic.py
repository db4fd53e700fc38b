"""How probable it is that there is skill behind a Sharpe ratio, and how long it takes to know.

Bailey and López de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk 15(2), 2012. All
ratios here are by session, not annualised; kurtosis is raw, 3 for normal returns.
"""

import math
from statistics import NormalDist

import numpy as np
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.sharpe import by_session
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit, finite

NORMAL = NormalDist()
CONFIDENCE = 0.95

_SOURCE = (
    "Bailey and López de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk 15(2), 2012"
)

SKEWNESS = Meaning(
    name="skewness",
    unit=Unit.RATIO,
    definition="γ3 = m3/m2^1.5, with central moments over n",
    source="Pearson's moment coefficient",
    undefined="fewer than 2 returns; no variation",
)
KURTOSIS = Meaning(
    name="kurtosis",
    unit=Unit.RATIO,
    definition="γ4 = m4/m2², raw: 3 for normal returns",
    source="Pearson's moment coefficient",
    undefined="fewer than 2 returns; no variation",
)
PROBABILISTIC = Meaning(
    name="probabilistic_sharpe",
    unit=Unit.PROBABILITY,
    definition="Φ(SR·√(n − 1)/√(1 − γ3·SR + (γ4 − 1)/4·SR²)), that the true one is above 0",
    source=_SOURCE,
    undefined="fewer than 2 returns; no variation; no error to measure the ratio by",
)
TRACK_RECORD = Meaning(
    name="minimum_track_record",
    unit=Unit.SESSIONS,
    definition="1 + (1 − γ3·SR + (γ4 − 1)/4·SR²)·(z/SR)², z = Φ⁻¹(0.95): returns until PSR is 0.95",
    source=_SOURCE,
    undefined=(
        "fewer than 2 returns; no variation; Sharpe ratio not above the benchmark; more than can "
        "be told"
    ),
)


@frozen(kw_only=True)
class Moments:
    """What is known of `n` returns: Sharpe ratio by session, skewness, raw kurtosis."""

    n: int
    sharpe: float
    skewness: float = 0.0
    kurtosis: float = 3.0

    @property
    def spread(self) -> float:
        """The ratio's variance times n − 1, 1 − γ3·SR + (γ4 − 1)/4·SR²; never below 0."""
        curve = (self.kurtosis - 1) / 4 * self.sharpe**2
        # γ4 ≥ 1 + γ3² makes it a square or more; rounding may take it just below.
        return max(1 - self.skewness * self.sharpe + curve, 0.0)


def moments(excess: Floats) -> Moments | Undefined:
    """The moments of returns less the risk-free one."""
    ratio = by_session(excess)
    if isinstance(ratio, Undefined):
        return ratio
    z = (excess - np.mean(excess)) / np.std(excess)
    return Moments(
        n=len(excess),
        sharpe=ratio,
        skewness=float(np.mean(z**3)),
        kurtosis=float(np.mean(z**4)),
    )


def probabilistic(known: Moments, benchmark: float = 0.0) -> Number:
    """The probability that the true ratio is above `benchmark`."""
    error = math.sqrt(known.spread / (known.n - 1))
    if error == 0:
        return Undefined("no error to measure the ratio by")
    return NORMAL.cdf((known.sharpe - benchmark) / error)


def minimum_track_record(
    known: Moments, benchmark: float = 0.0, confidence: float = CONFIDENCE
) -> Number:
    """How many returns it takes until the ratio is above `benchmark` with `confidence`."""
    above = known.sharpe - benchmark
    if above <= 0:
        return Undefined("Sharpe ratio not above the benchmark")
    try:
        return finite(
            1 + known.spread * (NORMAL.inv_cdf(confidence) / above) ** 2, "more than can be told"
        )
    except OverflowError:
        return Undefined("more than can be told")
