"""The formulas of return and risk over many rows of returns at once, for the bootstrap.

Each row gives what the formula of the same name gives for it alone, and NaN where that is
undefined.
"""

import math
from collections.abc import Mapping

import numpy as np

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics import drawdown, growth, sharpe, sortino
from argo_core.backtest.statistics.bootstrap import Formula

_ROOT = math.sqrt(growth.YEAR)


def formulas(risk_free: float, days: int) -> Mapping[str, Formula]:
    """By name of the statistic, of returns by session with `risk_free` for each over `days`."""

    def sharpes(returns: Floats) -> Floats:
        excess = returns - risk_free
        mean, spread = excess.mean(axis=1), excess.std(axis=1, ddof=1)
        return _by(mean * _ROOT, spread)

    def sortinos(returns: Floats) -> Floats:
        excess = returns - risk_free
        short = np.minimum(excess, 0.0)
        return _by(excess.mean(axis=1) * _ROOT, np.sqrt(np.mean(short * short, axis=1)))

    def rates(returns: Floats) -> Floats:
        grown = np.prod(1 + returns, axis=1)
        if days < 1:
            return np.full(len(grown), np.nan)
        with np.errstate(over="ignore"):
            rate: Floats = np.power(grown, growth.DAYS / days) - 1
        return rate

    return {
        growth.CAGR.name: rates,
        growth.VOLATILITY.name: lambda returns: returns.std(axis=1, ddof=1) * _ROOT,
        sharpe.SHARPE.name: sharpes,
        sortino.SORTINO.name: sortinos,
        drawdown.MAX_DRAWDOWN.name: _depths,
    }


def _by(above: Floats, below: Floats) -> Floats:
    told = below > sharpe.STILL
    return np.where(told, above / np.where(told, below, 1.0), np.nan)


def _depths(returns: Floats) -> Floats:
    path = np.cumprod(1 + returns, axis=1)
    # The first peak is what there was before the first return.
    best = np.maximum(np.maximum.accumulate(path, axis=1), 1.0)
    deepest: Floats = np.min(path / best - 1, axis=1)
    return np.minimum(deepest, 0.0)
