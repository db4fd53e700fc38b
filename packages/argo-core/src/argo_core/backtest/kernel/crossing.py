"""Two moving averages of closes compared, row by row of a table."""

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.kernel.compiled import compiled


@compiled
def crossed(
    close: Ints,
    fast: int,
    slow: int,
    sure: int,
    said: tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]],
) -> None:
    """The side of `fast` sums on `slow` ones at each of (T, N) closes, none of which is absent.

    `said` are sides, and sides times `sure`; the first `slow` - 1 rows of both stay as they are.
    Sums are of whole units, so that nothing is rounded, and move on by what comes and what goes.
    """
    rows, symbols = close.shape
    side, confidence = said
    short, long = np.zeros(symbols, dtype=np.int64), np.zeros(symbols, dtype=np.int64)
    for at in range(rows):
        for one in range(symbols):
            price = close[at, one]
            short[one] += price
            long[one] += price
        if at >= fast:
            for one in range(symbols):
                short[one] -= close[at - fast, one]
        if at >= slow:
            for one in range(symbols):
                long[one] -= close[at - slow, one]
        if at >= slow - 1:
            for one in range(symbols):
                above, below = short[one] * slow, long[one] * fast
                way = 1 if above > below else -1 if above < below else 0
                side[at, one] = way
                confidence[at, one] = way * sure
