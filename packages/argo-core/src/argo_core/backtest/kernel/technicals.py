"""The rule of `argo_core.consensus.rules.technicals` on arrays, at the close of each bar."""

import math

import numpy as np

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled

STEPS = 10_000


@compiled
def score_all(columns: Floats, norms: Floats, flat: float, directed: float, out: Floats) -> None:
    """Strengths (K) of readings (7, K), on the grid of 1/10,000.

    The rows of `columns` are above_slow, momentum, macd, rsi, adx, sigma and volume_ratio. `norms`
    are the deviations of trend, momentum, MACD and RSI under chance, and of all four together.
    """
    for cell in range(out.shape[0]):
        sigma = columns[5, cell]
        if np.isnan(columns[:, cell]).any():
            out[cell] = math.nan
            continue
        if sigma < flat:
            out[cell] = 0.0
            continue
        together = (
            columns[0, cell] / (sigma * norms[0])
            + columns[1, cell] / (sigma * norms[1])
            + columns[2, cell] / (sigma * norms[2])
            + (columns[3, cell] - 50) / 50 / norms[3]
        ) / norms[4]
        adx, volume = columns[4, cell], columns[6, cell]
        power = (2 * adx / (adx + directed)) * (2 * (volume / (volume + 1)))
        x = math.erf(math.sqrt(power) * together / 2)
        out[cell] = round(x * STEPS) / STEPS + 0.0
