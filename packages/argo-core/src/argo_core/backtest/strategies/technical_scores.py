"""The technical sources' opinions, computed again from bars by the rules they follow live."""

import math

import numpy as np
import talib

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.scores import Readings, score_all, score_days
from argo_core.backtest.strategies.series import Series
from argo_core.consensus.rules.technicals import NORMS, RSI_DEVIATION, TOGETHER
from argo_core.market import indicators as each

_NORMS = np.array([NORMS["trend"], NORMS["momentum"], NORMS["macd"], RSI_DEVIATION, TOGETHER])


def massive(series: Series) -> Floats:
    """What `rules.technicals` says at each close (K), from the 300th bar of a symbol on.

    Strengths on the grid of 1/10,000, NaN before. TA-Lib's own loops take some 35 to 55 ns a bar,
    which is what this cannot be faster than.
    """
    strength = np.full(len(series.volume), math.nan)
    squares, volume = series.moves * series.moves, series.volume.astype(np.float64)
    for bars in series.each():
        if bars.stop - bars.start < each.WARM_UP:
            continue
        high, low, close = series.high[bars], series.low[bars], series.close[bars]
        macd, _, _ = talib.MACD(close, each.MACD_FAST, each.MACD_SLOW, each.MACD_SIGNAL)
        readings = Readings(
            close=close,
            slow=talib.EMA(close, timeperiod=each.SLOW),
            rsi=talib.RSI(close, timeperiod=each.RSI),
            macd=macd,
            adx=talib.ADX(high, low, close, timeperiod=each.DIRECTION),
            square=talib.EMA(squares[bars], timeperiod=each.NOISE),
            volume=talib.EMA(volume[bars], timeperiod=each.VOLUME),
            volume_usual=talib.EMA(volume[bars], timeperiod=each.VOLUME_USUAL),
        )
        score_all(readings, _NORMS, strength[bars])
    return strength


def alpha_vantage(series: Series) -> Floats:
    """What `rules.quotes_and_news` says at each close (K) of the day's prices alone.

    There is neither news nor a sampled price in bars: both parts are absent, as the rule has it
    for whoever has none. A day whose prices the rule would refuse has no opinion, NaN, and neither
    has a symbol's first day.
    """
    strength = np.empty(len(series.volume))
    score_days(series.prices, series.session, series.begins, strength)
    return strength
