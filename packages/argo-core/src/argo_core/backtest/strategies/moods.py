"""The market's mood at each bar, by the rule that labels signals live."""

import numpy as np
import numpy.typing as npt
import talib

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.strategies.series import series_of
from argo_core.consensus.regime import CRISIS_RATIO, TREND_ADX, Regime
from argo_core.market import indicators as each
from argo_core.market.reading import FLAT


def moods(panel: Panel) -> npt.NDArray[np.str_]:
    """By row and symbol (T, N), the value of `Regime` that `classify` gives the bar's reading.

    `unknown` before a symbol has warmed up, and where it has no bar.
    """
    series = series_of(panel)
    mood = np.full(len(series.volume), Regime.UNKNOWN.value, dtype="U8")
    for bars in series.each():
        if bars.stop - bars.start < each.WARM_UP:
            continue
        high, low, close = series.high[bars], series.low[bars], series.close[bars]
        square = series.moves[bars] * series.moves[bars]
        sigma = np.sqrt(talib.EMA(square, timeperiod=each.NOISE))
        usual = np.sqrt(talib.EMA(square, timeperiod=each.NOISE_USUAL))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(usual >= FLAT, sigma / usual, 1.0)
        adx = talib.ADX(high, low, close, timeperiod=each.DIRECTION)
        directed = np.where(adx >= TREND_ADX, Regime.TREND.value, Regime.CHOP.value)
        told = np.where(ratio >= CRISIS_RATIO, Regime.CRISIS.value, directed)
        mood[bars][each.WARM_UP - 1 :] = told[each.WARM_UP - 1 :]
    return series.table(mood, Regime.UNKNOWN.value)
