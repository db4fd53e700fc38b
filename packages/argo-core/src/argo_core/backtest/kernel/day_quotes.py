"""The price parts of `argo_core.consensus.rules.quotes_and_news` on arrays of logarithms."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled

STEPS = 10_000
PLACE_DEVIATION = 0.65
DAY_PLACE = 0.65
WIDEST_DAY = math.log(4)
FARTHEST = math.log(2)
DEVIATION = math.sqrt(2 + 2 * DAY_PLACE)


@compiled
def score_days(prices: Floats, begins: npt.NDArray[np.bool_], typical: Floats, out: Floats) -> None:
    """Strengths (K) at each close, on the grid of 1/10,000; NaN where there is none.

    The rows of `prices` (5, K) are close, the day's open, the bar's high and low and the last
    day's close, all logarithms. `begins` says which bars are a day's first. `typical` are the
    deviation of a day where it is not known, and Parkinson's constant.
    """
    high, low = -math.inf, math.inf
    for row in range(len(out)):
        close, opened, before = prices[0, row], prices[1, row], prices[4, row]
        if begins[row]:
            high, low = -math.inf, math.inf
        high, low = max(high, prices[2, row]), min(low, prices[3, row])
        width = high - low
        out[row] = math.nan
        if np.isnan(before) or width >= WIDEST_DAY:
            continue
        if abs(close - opened) >= FARTHEST or abs(before - opened) >= FARTHEST:
            continue
        deviation = max(typical[0], width / typical[1])
        # The rule's place is of prices, not of their logarithms.
        top, bottom, price = math.exp(high), math.exp(low), math.exp(close)
        place = ((price - bottom) - (top - price)) / (top - bottom) if top > bottom else 0.0
        grown = width / (deviation * typical[1])
        total = (close - before) / deviation + grown * place / PLACE_DEVIATION
        out[row] = round(math.erf(total / DEVIATION / 2) * STEPS) / STEPS + 0.0
