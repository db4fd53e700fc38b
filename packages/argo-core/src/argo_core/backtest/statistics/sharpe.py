"""The Sharpe ratio, and how far it can be trusted."""

import math

import numpy as np

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.growth import YEAR
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit, given

NO_VARIATION = Undefined("no variation")
TOO_FEW = Undefined("fewer than 2 returns")

STILL = 1e-12
"""Returns that deviate by less are the same number, rounded differently."""

_LO = "Lo, The Statistics of Sharpe Ratios, Financial Analysts Journal 58(4), 2002"

SHARPE = Meaning(
    name="sharpe",
    unit=Unit.RATIO,
    definition="mean(r − rf)/s(r − rf)·√252, with the sample standard deviation (ddof 1)",
    source="Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21(1), 1994",
    undefined="fewer than 2 returns; no variation",
)
STANDARD_ERROR = Meaning(
    name="sharpe_standard_error",
    unit=Unit.RATIO,
    definition="√((1 + SR²/2)/n)·√252, with SR by session; for independent normal returns",
    source=f"{_LO}, for independent returns",
    undefined="fewer than 2 returns; no variation",
)
ROBUST_ERROR = Meaning(
    name="sharpe_standard_error_robust",
    unit=Unit.RATIO,
    definition=(
        "√(V/n)·√252, V the variance (Newey and West, m lags) of z − SR·(z² − 1)/2, "
        "with z = (r − mean)/s and m = ⌊4·(n/100)^(2/9)⌋; for any stationary returns"
    ),
    source=f"{_LO}, by the generalised method of moments; m by Newey and West, 1994",
    undefined="fewer than 2 returns; no variation",
)
AUTOCORRELATED = Meaning(
    name="sharpe_autocorrelated",
    unit=Unit.RATIO,
    definition=(
        "η(252)·mean(r − rf)/s(r − rf), η(q) = q/√(q + 2·Σ(q − k)·ρ_k), with the "
        "autocorrelations ρ of ⌊4·(n/100)^(2/9)⌋ lags, none beyond"
    ),
    source=f"{_LO}, for stationary returns",
    undefined="fewer than 2 returns; no variation; autocorrelations leave no variance",
)


def still(values: Floats) -> bool:
    """Whether the values (two or more) deviate from their mean by nothing but rounding."""
    return float(np.std(values)) <= STILL * max(1.0, abs(float(np.mean(values))))


def by_session(excess: Floats) -> Number:
    """The ratio of mean to sample deviation, not annualised."""
    if len(excess) < 2:  # noqa: PLR2004 - one return has no deviation
        return TOO_FEW
    if still(excess):
        return NO_VARIATION
    return float(np.mean(excess) / np.std(excess, ddof=1))


def sharpe(excess: Floats) -> Number:
    """Annualised by √252. `excess` are returns by session less the risk-free one."""
    return annual(by_session(excess))


def annual(number: Number) -> Number:
    """A ratio or an error by session, times √252."""
    return given(number, lambda ratio: ratio * math.sqrt(YEAR))


def standard_error(ratio: float, n: int) -> float:
    """Of a ratio by session from `n` independent normal returns: √((1 + SR²/2)/n)."""
    return math.sqrt((1 + ratio * ratio / 2) / n)


def robust_error(excess: Floats) -> Number:
    """Of the ratio by session, where returns depend on each other and are not normal.

    The asymptotic variance g'Σg of Lo's equation for stationary returns is that of one series:
    g = (1/σ, −μ/(2σ³)) times the moments' deviations (r − μ, (r − μ)² − σ²) is z − SR·(z² − 1)/2.
    """
    ratio = by_session(excess)
    if isinstance(ratio, Undefined):
        return ratio
    z = (excess - np.mean(excess)) / np.std(excess)
    influence = z - ratio * (z * z - 1) / 2
    n, most = len(excess), lags(len(excess))
    variance = float(influence @ influence) / n
    for lag in range(1, most + 1):
        shared = float(influence[lag:] @ influence[:-lag]) / n
        variance += 2 * (1 - lag / (most + 1)) * shared
    # Bartlett's weights keep it from falling below zero by more than rounding.
    return math.sqrt(max(variance, 0.0) / n)


def lags(n: int) -> int:
    """How many lags are looked at in `n` returns; fewer than there are pairs."""
    return min(int(4 * (n / 100) ** (2 / 9)), n - 1)


def autocorrelations(values: Floats, most: int) -> Floats:
    """ρ_1 … ρ_most, by the sample covariances over n."""
    centred = values - np.mean(values)
    whole = float(centred @ centred)
    return np.array([float(centred[k:] @ centred[:-k]) / whole for k in range(1, most + 1)])


def scale(rho: Floats, periods: int) -> Number:
    """Lo's η(q): what a ratio of one period is times for `periods` of them; √q without any ρ."""
    upto = rho[: periods - 1]
    lag = np.arange(1, len(upto) + 1)
    variance = periods + 2 * float((periods - lag) @ upto)
    if variance <= 0:
        return Undefined("autocorrelations leave no variance")
    return periods / math.sqrt(variance)


def autocorrelated(excess: Floats) -> Number:
    """Annualised by η(252) in place of √252."""
    ratio = by_session(excess)
    if isinstance(ratio, Undefined):
        return ratio
    factor = scale(autocorrelations(excess, lags(len(excess))), YEAR)
    return given(factor, lambda times: times * ratio)
