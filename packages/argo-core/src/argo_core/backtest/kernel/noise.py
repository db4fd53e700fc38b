"""How much prices move, on arrays: the recursion of `argo_core.market.volatility`."""

import math

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled


@compiled
def deviations(move: Floats, elapsed: Floats, keep: Floats, out: Floats) -> None:
    """Exponentially weighted deviation per root of a bar after each move.

    `elapsed` are bars, `keep` what is left of the past after them, 2^(-elapsed / half-life).
    """
    squares, weight = 0.0, 0.0
    for row in range(len(move)):
        squares = keep[row] * squares + move[row] * move[row]
        weight = keep[row] * weight + elapsed[row]
        out[row] = math.sqrt(squares / weight)
