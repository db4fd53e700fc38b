"""How fast money grew, and how unevenly."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit, finite

YEAR = 252
"""Sessions in a year, A in the formulas: the convention of the literature for daily returns."""

DAYS = 365.25
"""Calendar days in a year."""

TOTAL_RETURN = Meaning(
    name="total_return",
    unit=Unit.SHARE,
    definition="E_T/E_0 − 1",
    source="arithmetic",
    undefined="no equity to begin with",
)
CAGR = Meaning(
    name="cagr",
    unit=Unit.RATE,
    definition="(E_T/E_0)^(365.25/days) − 1, with the calendar days from first to last session",
    source="compound interest",
    undefined="less than a day; equity lost; too much growth in too few days for a number",
)
VOLATILITY = Meaning(
    name="volatility",
    unit=Unit.RATE,
    definition="s(r)·√252, with the sample standard deviation (ddof 1)",
    source="sample standard deviation; √252 holds for independent returns",
    undefined="fewer than 2 returns",
)


def returns(path: npt.ArrayLike) -> Floats | Undefined:
    """Simple returns r_t = E_t/E_(t−1) − 1 of equity from its opening on.

    No money is paid in or out during a backtest, so there are no flows to adjust for.
    """
    equity = np.asarray(path, dtype=np.float64)
    if (equity <= 0).any():
        return Undefined("equity fell to zero or below")
    return equity[1:] / equity[:-1] - 1


def total_return(path: npt.ArrayLike) -> Number:
    """What became of the money, as a share of it."""
    equity = np.asarray(path, dtype=np.float64)
    if equity[0] <= 0:
        return Undefined("no equity to begin with")
    return float(equity[-1] / equity[0] - 1)


def cagr(path: npt.ArrayLike, days: int) -> Number:
    """Compound annual growth rate over `days` calendar days."""
    equity = np.asarray(path, dtype=np.float64)
    if days < 1:
        return Undefined("less than a day")
    if equity[0] <= 0 or equity[-1] < 0:
        return Undefined("equity lost")
    with np.errstate(over="ignore"):
        grown = np.power(equity[-1] / equity[0], DAYS / days)
    return finite(grown - 1, "too much growth in too few days")


def volatility(values: Floats) -> Number:
    """Annualised standard deviation of returns by session."""
    if len(values) < 2:  # noqa: PLR2004 - one return has no deviation
        return Undefined("fewer than 2 returns")
    return float(np.std(values, ddof=1)) * math.sqrt(YEAR)
