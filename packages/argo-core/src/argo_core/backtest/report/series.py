"""What a report draws of an equity path: spells under water and rolling figures."""

import math

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats, floats
from argo_core.backtest.statistics.calendar import rolling_sharpe
from argo_core.backtest.statistics.drawdown import drawdown
from argo_core.backtest.statistics.growth import returns
from argo_core.backtest.statistics.statistic import Undefined


@frozen
class Spell:
    """A time under water: places in the path of its peak, its deepest and, if ever, its end."""

    peak: int
    trough: int
    recovered: int | None
    depth: float


def spells(path: npt.ArrayLike, most: int) -> tuple[Spell, ...]:
    """The `most` deepest times under water, the deepest first."""
    below = drawdown(path)
    found: list[Spell] = []
    peak = 0
    for place in range(1, len(below) + 1):
        surfaced = place == len(below) or below[place] == 0
        if surfaced and place - peak > 1:
            trough = peak + int(np.argmin(below[peak:place]))
            end = place if place < len(below) else None
            found.append(Spell(peak, trough, end, float(below[trough])))
        if place < len(below) and below[place] == 0:
            peak = place
    return tuple(sorted(found, key=lambda one: one.depth)[:most])


def daily_returns(path: npt.ArrayLike) -> Floats:
    """Simple returns by session; none where equity fell to zero or below."""
    values = returns(path)
    return np.empty(0) if isinstance(values, Undefined) else values


def rolling(path: npt.ArrayLike) -> Floats:
    """The Sharpe ratio of the last `ROLLING` returns at each point of the path, NaN where none."""
    values = daily_returns(path)
    told = [math.nan if one is None else one for one in rolling_sharpe(values)]
    return floats([math.nan] * (len(np.asarray(path)) - len(told)) + told)
