"""What every strategy needs of the market to size its trades: how far it strays, what is traded."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import PPM
from argo_core.backtest.bars.verdicts import UNKNOWN
from argo_core.backtest.kernel.noise import deviations
from argo_core.backtest.strategies.series import Series, every_series
from argo_core.market.bar import MINUTE
from argo_core.market.volatility import HALF_LIFE_S

HALF_LIFE_BARS = HALF_LIFE_S / MINUTE.total_seconds()
ADV_SESSIONS = 20
_MOST_STRAY = 2**31 - 1


def strays(panel: Panel, horizon_bars: float) -> npt.NDArray[np.int32]:
    """How far each price strays within so many bars, in millionths of it; UNKNOWN before its first.

    sigma * sqrt(horizon), sigma by `argo_core.market.volatility` with a half-life of ten bars, as
    the live engine has it on minute bars.
    """
    table = np.full(panel.close.shape, UNKNOWN, dtype=np.int32)
    for one in every_series(panel):
        far = sigma(one) * math.sqrt(horizon_bars)
        table[one.rows, one.place] = np.minimum(np.rint(far * PPM), _MOST_STRAY)
    return table


def sigma(one: Series) -> npt.NDArray[np.float64]:
    """The deviation of log returns per root of a bar, after each bar."""
    elapsed = one.elapsed
    found = np.empty(len(one.rows))
    deviations(one.moves, elapsed, np.exp2(-elapsed / HALF_LIFE_BARS), found)
    return found


def average_daily_values(panel: Panel) -> Ints:
    """What was traded in a day on average over the 20 sessions before the row's, in units.

    Sessions without a bar of the symbol do not count; UNKNOWN before there were twenty.
    """
    table = np.full(panel.close.shape, UNKNOWN, dtype=np.int64)
    value = panel.close * panel.volume
    for place in range(len(panel.symbols)):
        rows = np.flatnonzero(panel.close[:, place])
        if not len(rows):
            continue
        sessions, first = np.unique(panel.session[rows], return_index=True)
        by_session = np.add.reduceat(value[rows, place], first)
        sums = np.concatenate(([0], np.cumsum(by_session)))
        means = (sums[ADV_SESSIONS:] - sums[:-ADV_SESSIONS]) // ADV_SESSIONS
        # Rows of a session see those before it; a row without a bar is nobody's to trade on.
        before = np.searchsorted(sessions, panel.session[rows])
        known = before >= ADV_SESSIONS
        table[rows[known], place] = means[before[known] - ADV_SESSIONS]
    return table
