"""What is left of a Sharpe ratio once it is known how much was tried.

Bailey and López de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5), 2014.
"""

import math

import numpy as np

from argo_core.backtest.statistics.growth import YEAR
from argo_core.backtest.statistics.probabilistic import NORMAL, Moments, probabilistic
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit, given
from argo_core.backtest.statistics.trials import Trials

_SOURCE = (
    "Bailey and López de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5), "
    "2014"
)

EXPECTED_MAXIMUM = Meaning(
    name="expected_maximum_sharpe",
    unit=Unit.RATIO,
    definition=(
        "√V·((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))), the best annual Sharpe ratio to expect "
        "of N trials without skill; V the variance of theirs, γ = 0.5772…; 0 for one"
    ),
    source=_SOURCE,
    undefined="the number of trials is not known; fewer than two of them have a Sharpe ratio",
)
DEFLATED = Meaning(
    name="deflated_sharpe",
    unit=Unit.PROBABILITY,
    definition="the probabilistic Sharpe ratio against that maximum in place of 0",
    source=_SOURCE,
    undefined="where the probabilistic Sharpe ratio or that maximum is",
)


def expected_maximum(trials: Trials | None) -> Number:
    """The best annualised Sharpe ratio that luck alone gives in so many trials."""
    if trials is None:
        return Undefined("the number of trials is not known")
    if trials.count == 1:
        return 0.0
    if trials.sharpe_variance is None:
        return Undefined("fewer than two of the trials have a Sharpe ratio")
    # Φ⁻¹(1 − p) = −Φ⁻¹(p), which keeps its digits where p is small.
    first = -NORMAL.inv_cdf(1 / trials.count)
    second = -NORMAL.inv_cdf(1 / (trials.count * math.e))
    euler = float(np.euler_gamma)
    return math.sqrt(trials.sharpe_variance) * ((1 - euler) * first + euler * second)


def deflated(known: Moments, trials: Trials | None, periods: int = YEAR) -> Number:
    """The probability of skill; `periods` is how many returns are in a year."""
    return given(
        expected_maximum(trials), lambda best: probabilistic(known, best / math.sqrt(periods))
    )
