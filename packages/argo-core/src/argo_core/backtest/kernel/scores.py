"""The rules of technical sources on arrays, at the close of each bar.

`score_days` has the price parts of `argo_core.consensus.rules.quotes_and_news`, `score_all` the
rule of `argo_core.consensus.rules.technicals`. Both are in one module with what they share, as
`compiled` wants it.
"""

import math
from typing import NamedTuple

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
from argo_core.consensus.rules.technicals import DIRECTED_ADX
from argo_core.market.indicators import MOMENTUM, WARM_UP
from argo_core.market.reading import FLAT

STEPS = 10_000
WIDEST_DAY = 4.0
FARTHEST = 2.0
DEVIATION = math.sqrt(2 + 2 * DAY_PLACE)

NODES = 256
"""To the unit, at which the error function and its slope are known beforehand."""

SATURATED = 2.88
"""From here on the error function rounds to one: 1 - erf(2.88) is below half a step."""

SURE = 0.499999
"""Nearer than that to a whole step, nothing that the series leaves out makes it another."""

_AT = [node / NODES for node in range(int(SATURATED * NODES) + 2)]
ERF = np.array([math.erf(at) for at in _AT])
SLOPE = np.array([2 / math.sqrt(math.pi) * math.exp(-at * at) for at in _AT])


@compiled
def graded(x: float) -> float:
    """The error function rounded to the grid of 1/10,000: what `math.erf` rounds to, always.

    Three terms of Taylor's series about the nearest node are within 4e-12 of the error function
    (its fourth derivative is below 5), 4e-8 of a step. Where that leaves open which step is the
    nearest, once in a million times, `math.erf` is asked, which takes ten times as long.
    """
    far = abs(x)
    if far >= SATURATED:
        return 1.0 if x > 0 else -1.0
    node = int(far * NODES + 0.5)
    at = node / NODES
    d = far - at
    value = ERF[node] + SLOPE[node] * d * (1.0 - at * d + (2.0 * at * at - 1.0) * d * d / 3.0)
    steps = math.floor(value * STEPS + 0.5)
    if abs(value * STEPS - steps) > SURE:
        steps = round(math.erf(far) * STEPS)
    return float((steps if x > 0 else -steps) / STEPS + 0.0)


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
        out[cell] = graded(total / DEVIATION / 2)


class Readings(NamedTuple):
    """What TA-Lib says of one symbol's K bars, as `argo_core.market.indicators` asks it."""

    close: Floats
    slow: Floats
    rsi: Floats
    macd: Floats
    adx: Floats
    square: Floats
    volume: Floats
    volume_usual: Floats


@compiled
def score_all(readings: Readings, norms: Floats, out: Floats) -> None:
    """Strengths once a symbol has warmed up, on the grid of 1/10,000.

    `norms` are the deviations of trend, momentum, MACD and RSI under chance, and of all together.
    """
    for cell in range(WARM_UP - 1, len(out)):
        sigma = math.sqrt(readings.square[cell])
        if sigma < FLAT:
            out[cell] = 0.0
            continue
        close = readings.close[cell]
        together = (
            (close - readings.slow[cell]) / (sigma * norms[0])
            + (close - readings.close[cell - MOMENTUM]) / (sigma * norms[1])
            + readings.macd[cell] / (sigma * norms[2])
            + (readings.rsi[cell] - 50) / 50 / norms[3]
        ) / norms[4]
        usual, adx = readings.volume_usual[cell], readings.adx[cell]
        volume = readings.volume[cell] / usual if usual > 0 else 1.0
        power = (2 * adx / (adx + DIRECTED_ADX)) * (2 * (volume / (volume + 1)))
        out[cell] = graded(math.sqrt(power) * together / 2)
