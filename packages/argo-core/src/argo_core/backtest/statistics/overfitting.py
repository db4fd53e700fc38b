"""Whether the best of many backtests is likely to disappoint: PBO by CSCV.

Bailey, Borwein, López de Prado and Zhu, The Probability of Backtest Overfitting, Journal of
Computational Finance 20(4), 2015: combinatorially symmetric cross-validation.
"""

from itertools import combinations, islice

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from argo_core.backtest.bars.arrays import Floats, floats, same
from argo_core.backtest.statistics.sharpe import STILL
from argo_core.backtest.statistics.statistic import Meaning, Statistic, Unit
from argo_core.errors import InvalidInput

PBO = Meaning(
    name="probability_of_overfitting",
    unit=Unit.PROBABILITY,
    definition=(
        "share of the splits of S blocks of time into two halves in which the trial that is best "
        "in one half is no better than the median in the other"
    ),
    source=(
        "Bailey, Borwein, López de Prado and Zhu, The Probability of Backtest Overfitting, "
        "Journal of Computational Finance 20(4), 2015"
    ),
    undefined="never: fewer than 2 trials or too few returns are refused",
)

BLOCKS = 16
"""The paper's choice: 12,870 splits."""

MOST_BLOCKS = 20
_CELLS = 2_000_000


@frozen(kw_only=True)
class Overfitting:
    """PBO, and for each split what became of the trial that was chosen in one half.

    `logit` is of its rank in the other half; `inside` is its Sharpe ratio by period where it was
    chosen, `outside` in the other half. `loss` is the share of splits in which it lost money there.
    """

    pbo: Statistic
    loss: float
    logit: Floats = field(converter=floats, eq=same, repr=False)
    inside: Floats = field(converter=floats, eq=same, repr=False)
    outside: Floats = field(converter=floats, eq=same, repr=False)


def overfitting(returns: npt.ArrayLike, blocks: int = BLOCKS) -> Overfitting:
    """PBO of trials whose returns are the columns of `returns` (T, N), row by row in time.

    The first rows are left out where T is no multiple of `blocks`. A trial that does not vary in a
    half has a Sharpe ratio of 0 there. Equal ratios share their ranks; of equal bests the first
    is chosen.

    Raises:
        InvalidInput: fewer than two trials, an odd number of blocks or more than 20, fewer than
            two rows to a block, or a return that is no finite number.
    """
    values = np.asarray(returns, dtype=np.float64)
    _check(values, blocks)
    size = len(values) // blocks
    kept = values[len(values) - size * blocks :]
    centre = kept.mean(axis=0)
    # Sums of what deviates from the mean of all rows lose no digits to the mean.
    parts = (kept - centre).reshape(blocks, size, -1)
    sums, squares = parts.sum(axis=1), (parts * parts).sum(axis=1)
    rows = size * blocks // 2
    split = combinations(range(blocks), blocks // 2)
    found: list[npt.NDArray[np.float64]] = []
    step = max(1, _CELLS // values.shape[1])
    while chosen := list(islice(split, step)):
        half = np.zeros((len(chosen), blocks))
        np.put_along_axis(half, np.array(chosen), 1.0, axis=1)
        inside = _sharpes(half @ sums, half @ squares, centre, rows)
        outside = _sharpes((1 - half) @ sums, (1 - half) @ squares, centre, rows)
        found.append(_judged(inside, outside))
    logit, inner, outer = np.concatenate(found, axis=1)
    return Overfitting(
        pbo=PBO.statistic(float(np.mean(logit <= 0)), len(logit)),
        loss=float(np.mean(outer < 0)),
        logit=logit,
        inside=inner,
        outside=outer,
    )


def _sharpes(sums: Floats, squares: Floats, centre: Floats, rows: int) -> Floats:
    mean = sums / rows
    deviation = np.sqrt(np.maximum(squares - rows * mean * mean, 0.0) / (rows - 1))
    varies = deviation > STILL
    return np.where(varies, (mean + centre) / np.where(varies, deviation, 1.0), 0.0)


def _judged(inside: Floats, outside: Floats) -> Floats:
    """Logit of the best one's relative rank outside, and its ratios inside and outside."""
    best = np.argmax(inside, axis=1)[:, None]
    there = np.take_along_axis(outside, best, axis=1)
    below = np.sum(outside < there, axis=1)
    equal = np.sum(outside == there, axis=1)
    rank = below + (equal + 1) / 2
    share = rank / (inside.shape[1] + 1)
    chosen = np.take_along_axis(inside, best, axis=1)
    return np.stack((np.log(share / (1 - share)), chosen[:, 0], there[:, 0]))


def _check(values: Floats, blocks: int) -> None:
    if values.ndim != 2 or values.shape[1] < 2:  # noqa: PLR2004 - a table of two columns
        raise InvalidInput("returns", "there are no two trials", "give one column for each")
    if blocks % 2 or not 2 <= blocks <= MOST_BLOCKS:  # noqa: PLR2004 - two halves
        fix = f"give an even number from 2 to {MOST_BLOCKS}"
        raise InvalidInput("blocks", f"{blocks} cannot be split in halves here", fix)
    if len(values) < 2 * blocks:
        problem = f"{len(values)} rows for {blocks} blocks"
        raise InvalidInput("returns", problem, "give two rows or more for each block")
    if not np.isfinite(values).all():
        raise InvalidInput("returns", "one is no finite number", "leave such rows out")
