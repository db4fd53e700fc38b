"""Weighted Consensus on arrays: the formula of `argo_core.consensus.mix`, rounded alike.

The same view as `pool` and the same verdict as `judge`, to the basis point: sums are exactly
rounded (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", as in `math.fsum`), because
weights and strengths are round numbers and ties are common.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled

STEPS = 10_000
LEAST_SOURCES = 2
FEW = 2


class Formula(NamedTuple):
    """A profile in numbers; arrays have one for each source, in the order of their names."""

    weights: Floats
    refresh_after_s: Floats
    half_life_s: Floats
    max_age_s: Floats
    market_data: npt.NDArray[np.bool_]
    tau: float
    lam: float
    quorum: float
    theta_bp: int


@compiled
def exact_sum(values: Floats, count: int, partials: Floats) -> float:
    """The sum of the first `count`, as if reckoned without error and rounded once."""
    size = 0
    for place in range(count):
        x = values[place]
        kept = 0
        for other in range(size):
            y = partials[other]
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low != 0.0:
                partials[kept] = low
                kept += 1
            x = high
        partials[kept] = x
        size = kept + 1
    if size == 0:
        return 0.0
    size -= 1
    high, low = partials[size], 0.0
    while size > 0:
        x = high
        size -= 1
        y = partials[size]
        high = x + y
        low = y - (high - x)
        if low != 0.0:
            break
    # Half-way cases are rounded by what is below them.
    if size > 0 and low != 0.0 and (low < 0.0) == (partials[size - 1] < 0.0):
        y = low * 2.0
        x = high + y
        if y == x - high:
            high = x
    return float(high)


@compiled
def faded(formula: Formula, source: int, age_s: float) -> float:
    """The weight that an opinion of that age still has."""
    weight = formula.weights[source]
    overdue = age_s - formula.refresh_after_s[source]
    if overdue <= 0.0:
        return float(weight)
    if age_s > formula.max_age_s[source]:
        return 0.0
    return float(weight * 2.0 ** (-overdue / formula.half_life_s[source]))


@compiled
def mixed(weights: Floats, strengths: Floats, count: int, formula: Formula, work: Floats) -> int:
    """C in basis points of the first `count` opinions; `work` (3, S + 1) is scratch.

    The places behind them are overwritten: the last of `weights` is the coverage afterwards.
    """
    buys, sells, partials = work[0], work[1], work[2]
    covered = 0.0
    for one in range(count):
        covered += weights[one]
    # One or two are rounded once however they are added, and calls take longer than sums.
    if count > FEW:
        covered = exact_sum(weights, count, partials)
    coverage = min(1.0, covered)
    weights[-1] = coverage
    bought, sold, buy, sell = 0, 0, 0.0, 0.0
    for one in range(count):
        part = weights[one] * strengths[one] / coverage
        if part > 0.0:
            buys[bought] = part
            buy += part
            bought += 1
        elif part < 0.0:
            sells[sold] = -part
            sell -= part
            sold += 1
    if bought > FEW:
        buy = exact_sum(buys, bought, partials)
    if sold > FEW:
        sell = exact_sum(sells, sold, partials)
    net, gross = buy - sell, buy + sell
    if net == 0.0:
        return 0
    shrink = (1.0 + formula.tau) * coverage / (coverage + formula.tau)
    agreement = abs(net) / gross
    scale = shrink * (agreement**formula.lam if agreement < 1.0 else 1.0) * STEPS
    return int(round(scale * net))  # noqa: RUF046 - numpy's floats do not give whole numbers


@compiled
def pool_all(
    strength: Floats,
    age_s: Floats,
    formula: Formula,
    confidence: npt.NDArray[np.int16],
    direction: npt.NDArray[np.int8],
) -> None:
    """Views and verdicts of cells: `strength` (S, K) of S sources, NaN where one is silent.

    `age_s` is (S, K), or (S, 0) where every opinion is fresh. Fills `confidence` and `direction`
    (K).
    """
    sources, cells = strength.shape
    fresh = age_s.shape[1] == 0
    weights, strengths = np.empty(sources + 1), np.empty(sources)
    work = np.empty((3, sources + 1))
    for cell in range(cells):
        count, looked = 0, False
        for source in range(sources):
            if np.isnan(strength[source, cell]):
                continue
            base = formula.weights[source]
            weight = base if fresh else faded(formula, source, age_s[source, cell])
            if weight > 0.0:
                weights[count], strengths[count] = weight, strength[source, cell]
                count += 1
                looked = looked or (formula.market_data[source] and weight >= base / 2)
        confidence[cell], direction[cell] = 0, 0
        if count > 0:
            sure = mixed(weights, strengths, count, formula, work)
            confidence[cell] = sure
            heard = looked and count >= LEAST_SOURCES and weights[-1] >= formula.quorum
            if heard and abs(sure) >= formula.theta_bp:
                direction[cell] = 1 if sure > 0 else -1
