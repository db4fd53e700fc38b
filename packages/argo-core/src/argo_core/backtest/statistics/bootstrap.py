"""Intervals without a formula: what other orders of the same returns would have given.

The stationary bootstrap of Politis and Romano, Journal of the American Statistical Association
89(428), 1994: blocks of geometric length, beginning anywhere, around the end to the beginning.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.block_length import FEWEST, block_length

RESAMPLES = 1_000
TAIL = 0.025
_CELLS = 1_000_000

Formula = Callable[[Floats], Floats]
"""From resampled returns (B, n) to a number for each (B); NaN where it is undefined."""


def resamples(n: int, mean_length: float, count: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Positions (≤ B, n) of resampled observations, `count` rows in all, some at a time.

    The same for the same arguments, and however many come at a time.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    step = max(1, _CELLS // n)
    for begin in range(0, count, step):
        draws = chance.random((min(step, count - begin), 2, n))
        fresh = draws[:, 0] < 1 / mean_length
        # The first block begins at 0, whether it is drawn or not.
        since = np.maximum.accumulate(np.where(fresh, np.arange(n), 0), axis=1)
        starts = (draws[:, 1] * n).astype(np.int64)
        yield (np.take_along_axis(starts, since, axis=1) + np.arange(n) - since) % n


def intervals(
    values: Floats, formulas: Mapping[str, Formula], seed: int, count: int = RESAMPLES
) -> Mapping[str, tuple[float, float]]:
    """The 2.5th and 97.5th percentile of each formula over resamples of `values`.

    A formula that is undefined in one resample of twenty has none, and none has one for fewer than
    20 values.
    """
    if len(values) < FEWEST:
        return {}
    parts: dict[str, list[Floats]] = {name: [] for name in formulas}
    for places in resamples(len(values), block_length(values), count, seed):
        drawn = values[places]
        for name, formula in formulas.items():
            parts[name].append(formula(drawn))
    found: dict[str, tuple[float, float]] = {}
    for name, part in parts.items():
        told = np.concatenate(part)
        told = told[np.isfinite(told)]
        if len(told) * 20 > count * 19:
            low, high = np.quantile(told, (TAIL, 1 - TAIL))
            found[name] = (float(low), float(high))
    return found
