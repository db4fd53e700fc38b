"""Return by the risk of falling short alone."""

import math

import numpy as np

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.growth import YEAR
from argo_core.backtest.statistics.sharpe import STILL
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit

SORTINO = Meaning(
    name="sortino",
    unit=Unit.RATIO,
    definition="mean(r − m)·√252/√(Σ min(0, r − m)²/n), over all n returns, with m = rf",
    source="Sortino and Price, Journal of Investing 3(3), 1994",
    undefined="fewer than 2 returns; no return below the target",
)


def sortino(excess: Floats) -> Number:
    """Annualised. `excess` are returns by session less the least that is accepted."""
    if len(excess) < 2:  # noqa: PLR2004 - as for the Sharpe ratio, so that both are there or not
        return Undefined("fewer than 2 returns")
    short = np.minimum(excess, 0.0)
    downside = math.sqrt(float(short @ short) / len(excess))
    if downside <= STILL:
        return Undefined("no return below the target")
    return float(np.mean(excess)) * math.sqrt(YEAR) / downside
