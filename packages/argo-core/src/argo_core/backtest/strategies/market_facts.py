"""What every strategy needs of the market to size its trades: how far it strays, what is traded."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.verdicts import UNKNOWN
from argo_core.backtest.kernel.noise import stray_all
from argo_core.backtest.strategies.series import Series

ADV_SESSIONS = 20


def strays(series: Series, horizon_bars: float) -> npt.NDArray[np.int32]:
    """How far each price strays within so many bars, in millionths of it; UNKNOWN without a bar.

    sigma * sqrt(horizon), sigma by `argo_core.market.volatility` with a half-life of ten bars, as
    the live engine has it on minute bars.
    """
    found = np.empty(len(series.cells), dtype=np.int32)
    stray_all(series.moves, series.elapsed, series.begins, math.sqrt(horizon_bars), found)
    return series.table(found, UNKNOWN)


def average_daily_values(series: Series) -> Ints:
    """What was traded in a day on average over the 20 sessions before the row's, in units.

    Sessions without a bar of the symbol do not count; UNKNOWN before there were twenty.
    """
    values = series.prices[3] * series.volume
    found = np.full(len(values), UNKNOWN, dtype=np.int64)
    for bars in series.each():
        if bars.stop - bars.start < ADV_SESSIONS:
            continue
        session = series.session[bars]
        first = np.flatnonzero(np.diff(session, prepend=session[0] - 1))
        sums = np.concatenate(([0], np.cumsum(np.add.reduceat(values[bars], first))))
        means = (sums[ADV_SESSIONS:] - sums[:-ADV_SESSIONS]) // ADV_SESSIONS
        # The bars of a session see those before it.
        lengths = np.diff(np.append(first, len(session)))[ADV_SESSIONS:]
        known = np.repeat(means[:-1], lengths)
        found[bars.stop - len(known) : bars.stop] = known
    return series.table(found, UNKNOWN)
