"""The price parts of `argo_core.consensus.rules.quotes_and_news` on arrays."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.kernel.compiled import compiled
from argo_core.consensus.rules.quotes_and_news import (
    DAY_PLACE,
    PARKINSON,
    PLACE_DEVIATION,
    TYPICAL_DAY,
)

STEPS = 10_000
WIDEST_DAY = 4.0
FARTHEST = 2.0
DEVIATION = math.sqrt(2 + 2 * DAY_PLACE)


@compiled
def score_days(
    prices: Ints,
    session: Ints,
    begins: npt.NDArray[np.bool_],
    out: Floats,
) -> None:
    """Strengths (K) at each close, on the grid of 1/10,000; NaN where the rule has none.

    `prices` (4, K) are open, high, low and close of bars, symbol after symbol, `session` their
    dates; `begins` says where a symbol's bars begin.
    """
    opened, top, bottom, before = 0, 0, 0, 0
    for cell in range(len(out)):
        close = prices[3, cell]
        if begins[cell]:
            before = 0
        if begins[cell] or session[cell] != session[cell - 1]:
            if not begins[cell]:
                before = prices[3, cell - 1]
            opened, top, bottom = prices[0, cell], prices[1, cell], prices[2, cell]
        top, bottom = max(top, prices[1, cell]), min(bottom, prices[2, cell])
        out[cell] = math.nan
        far = max(close, opened) >= FARTHEST * min(close, opened)
        gapped = max(before, opened) >= FARTHEST * min(before, opened)
        if before == 0 or far or gapped or top >= WIDEST_DAY * bottom:
            continue
        width = math.log(top / bottom)
        deviation = max(TYPICAL_DAY, width / PARKINSON)
        place = ((close - bottom) - (top - close)) / (top - bottom) if top > bottom else 0.0
        grown = width / (deviation * PARKINSON)
        total = math.log(close / before) / deviation + grown * place / PLACE_DEVIATION
        out[cell] = round(math.erf(total / DEVIATION / 2) * STEPS) / STEPS + 0.0
