"""Weighted Consensus on arrays: the formula of `argo_core.consensus.mix`, rounded alike.

The same view as `pool` and the same verdict as `judge`, to the basis point: sums are exactly
rounded (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", as in `math.fsum`), because
weights and strengths are round numbers and ties are common.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.kernel.compiled import compiled

STEPS = 10_000
ROOT = 0.5
SURE = 0.499999
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
def confidence(buy: float, sell: float, coverage: float, tau: float, lam: float) -> int:
    """C in basis points of what both sides amount to.

    A square root stands in for the power of one half, which takes twenty times as long. Both are
    within some 1e-11 basis points of the truth; where so little would decide the rounding, and in
    ties, which round numbers often end in, the power itself is asked.
    """
    net, gross = buy - sell, buy + sell
    if net == 0.0:
        return 0
    shrink = (1.0 + tau) * coverage / (coverage + tau)
    agreement = abs(net) / gross
    if agreement >= 1.0:
        return int(round(shrink * STEPS * net))  # noqa: RUF046 - numpy's floats do not give whole numbers
    if lam == ROOT:
        close = shrink * math.sqrt(agreement) * STEPS * net
        whole = round(close)
        if abs(close - whole) < SURE:
            return int(whole)
    return int(round(shrink * agreement**lam * STEPS * net))  # noqa: RUF046 - as above


@compiled
def mixed(weights: Floats, strengths: Floats, count: int, formula: Formula, work: Floats) -> int:
    """C in basis points of the first `count` opinions; `work` (3, S + 1) is scratch.

    The places behind them are overwritten: the last of `weights` is the coverage afterwards.
    """
    buys, sells, partials = work[0], work[1], work[2]
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
    return confidence(buy, sell, coverage, formula.tau, formula.lam)


@compiled
def mixed_few(weights: Floats, strengths: Floats, count: int, tau: float, lam: float) -> int:
    """As `mixed`, of one or two opinions: those are rounded once however they are added."""
    weight, other = weights[0], weights[1] if count == FEW else 0.0
    coverage = min(1.0, weight + other)
    part = weight * strengths[0] / coverage
    rest = other * strengths[1] / coverage if count == FEW else 0.0
    weights[-1] = coverage
    buy = max(part, 0.0) + max(rest, 0.0)
    sell = max(-part, 0.0) + max(-rest, 0.0)
    return confidence(buy, sell, coverage, tau, lam)


@compiled
def pool_all(
    strength: Floats,
    age_s: Floats,
    formula: Formula,
    confidence_bp: npt.NDArray[np.int16],
    direction: npt.NDArray[np.int8],
) -> None:
    """Views and verdicts of cells: `strength` (S, K) of S sources, NaN where one is silent.

    `age_s` is (S, K), or (S, 0) where every opinion is fresh. Fills `confidence_bp` and `direction`
    (K).
    """
    sources, cells = strength.shape
    fresh = age_s.shape[1] == 0
    told, market, theta = formula.weights, formula.market_data, formula.theta_bp
    weights, strengths = np.empty(sources + 1), np.empty(sources)
    work = np.empty((3, sources + 1))
    for cell in range(cells):
        count, looked = 0, False
        for source in range(sources):
            x = strength[source, cell]
            if np.isnan(x):
                continue
            base = told[source]
            weight = base if fresh else faded(formula, source, age_s[source, cell])
            if weight > 0.0:
                weights[count], strengths[count] = weight, x
                count += 1
                looked = looked or (market[source] and weight >= base / 2)
        sure = 0
        if count > FEW:
            sure = mixed(weights, strengths, count, formula, work)
        elif count > 0:
            sure = mixed_few(weights, strengths, count, formula.tau, formula.lam)
        heard = looked and count >= LEAST_SOURCES and weights[-1] >= formula.quorum
        confidence_bp[cell] = sure
        direction[cell] = ((sure >= theta) - (sure <= -theta)) if heard else 0
