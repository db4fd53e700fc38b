"""The rule of `argo_core.consensus.rules.technicals` on arrays, at the close of each bar."""

import math
from typing import NamedTuple

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled
from argo_core.consensus.rules.technicals import DIRECTED_ADX
from argo_core.market.indicators import MOMENTUM, WARM_UP
from argo_core.market.reading import FLAT

STEPS = 10_000


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
        out[cell] = round(math.erf(math.sqrt(power) * together / 2) * STEPS) / STEPS + 0.0
