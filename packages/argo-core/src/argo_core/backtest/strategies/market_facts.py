"""What every strategy needs of the market to size its trades: how far it strays, what is traded.

A plan without stops and targets never looks at the first, one without `adv_ppm` never at the
second: `FactsOf` computes each when it is asked for.
"""

import math
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import UNKNOWN
from argo_core.backtest.kernel.noise import stray_all
from argo_core.backtest.kernel.turnover import average_all
from argo_core.backtest.strategies.series import Series, series_of


def strays(series: Series, horizon_bars: float) -> npt.NDArray[np.int32]:
    """How far each price strays within so many bars, in millionths of it; UNKNOWN without a bar.

    sigma * sqrt(horizon), sigma by `argo_core.market.volatility` with a half-life of ten bars, as
    the live engine has it on minute bars.
    """
    found = np.empty(len(series.volume), dtype=np.int32)
    stray_all(series.moves, series.elapsed, series.begins, math.sqrt(horizon_bars), found)
    return series.table(found, UNKNOWN)


def average_daily_values(series: Series) -> Ints:
    """What was traded in a day on average over the 20 sessions before the row's, in units.

    Sessions without a bar of the symbol do not count; UNKNOWN before there were twenty.
    """
    found = np.empty(len(series.volume), dtype=np.int64)
    close, volume = series.prices[3], series.volume
    average_all(close, volume, series.session, series.begins, found)
    return series.table(found, UNKNOWN)


class FactsOf:
    """Both tables of a panel, for `Verdicts` to ask for; `horizon_bars` as in `strays`."""

    def __init__(self, panel: Panel, horizon_bars: float) -> None:
        self._panel, self._horizon_bars = panel, horizon_bars

    @cached_property
    def series(self) -> Series:
        """The panel's bars in a row, made once for all that look at them."""
        return series_of(self._panel)

    def strays(self) -> npt.NDArray[np.int32]:
        return strays(self.series, self._horizon_bars)

    def average_daily_values(self) -> Ints:
        return average_daily_values(self.series)
