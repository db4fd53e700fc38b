"""How much prices move, on arrays: the recursion of `argo_core.market.volatility`."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled
from argo_core.market.volatility import HALF_LIFE_S

HALF_LIFE_BARS = HALF_LIFE_S / 60
MOST = 2**31 - 1


@compiled
def stray_all(
    moves: Floats,
    elapsed: Floats,
    begins: npt.NDArray[np.bool_],
    root: float,
    out: npt.NDArray[np.int32],
) -> None:
    """Sigma * `root` in millionths after each of K moves, symbol after symbol.

    sigma is the deviation per root of a bar, exponentially weighted with a half-life of ten
    of them; `elapsed` are bars, and `begins` says where a symbol's moves begin.
    """
    squares, weight = 0.0, 0.0
    one_bar = 2.0 ** (-1.0 / HALF_LIFE_BARS)
    for cell in range(len(moves)):
        if begins[cell]:
            squares, weight = 0.0, 0.0
        passed = elapsed[cell]
        keep = one_bar if passed == 1.0 else 2.0 ** (-passed / HALF_LIFE_BARS)
        squares = keep * squares + moves[cell] * moves[cell]
        weight = keep * weight + passed
        out[cell] = min(MOST, round(math.sqrt(squares / weight) * root * 1e6))
