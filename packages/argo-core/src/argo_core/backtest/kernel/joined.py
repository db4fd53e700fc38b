"""Bars as logarithms that join up, symbol after symbol: `argo_core.market.splice` on arrays."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.kernel.compiled import compiled

GRID = 2.0**36
UNITS = 10_000.0


@compiled
def logged(units: int) -> float:
    """The logarithm of a price, on the grid."""
    return round(math.log(units / UNITS) * GRID) / GRID + 0.0


@compiled
def join_up(
    prices: Ints, begins: npt.NDArray[np.bool_], breaks: npt.NDArray[np.bool_], out: Floats
) -> None:
    """Fill `out` (4, K): high, low and close of one continuous series, and what moved to the close.

    `prices` (4, K) are open, high, low and close in units. `begins` says where a symbol's bars
    begin, `breaks` before which bars the market was closed, there too. Three logarithms a bar, of
    some 4 to 6 ns each, are what it cannot be faster than.
    """
    level, last = 0.0, 0.0
    for cell in range(prices.shape[1]):
        close = logged(prices[3, cell])
        if begins[cell]:
            level = 0.0
        move = close - (logged(prices[0, cell]) if breaks[cell] else last)
        level += move
        shift = level - close
        out[0, cell] = logged(prices[1, cell]) + shift
        out[1, cell] = logged(prices[2, cell]) + shift
        out[2, cell], out[3, cell] = level, move
        last = close
