"""How far below its best the account fell, and for how long."""

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit, finite, given

_MAGDON = "Magdon-Ismail and Atiya, Maximum Drawdown, Risk 17(10), 2004"

MAX_DRAWDOWN = Meaning(
    name="max_drawdown",
    unit=Unit.SHARE,
    definition="min_t E_t/max_(u≤t) E_u − 1 at session closes, where the first peak is E_0",
    source=_MAGDON,
    undefined="no equity to begin with",
)
DURATION = Meaning(
    name="drawdown_duration",
    unit=Unit.DAYS,
    definition="calendar days from the peak before the maximum drawdown to its trough",
    source=_MAGDON,
    undefined="no equity to begin with; no drawdown",
)
RECOVERY = Meaning(
    name="drawdown_recovery",
    unit=Unit.DAYS,
    definition="calendar days from that trough to the first close at the peak again or above",
    source=_MAGDON,
    undefined="no equity to begin with; no drawdown; not recovered by the end",
)
UNDER_WATER = Meaning(
    name="longest_under_water",
    unit=Unit.DAYS,
    definition="most calendar days from a peak to the first close at it again, or to the end",
    source="the same for any drawdown, the deepest or not",
    undefined="no equity to begin with",
)
CALMAR = Meaning(
    name="calmar",
    unit=Unit.RATIO,
    definition="CAGR / size of the maximum drawdown, over the whole time, not the last 36 months",
    source="Young, Calmar Ratio: A Smoother Tool, Futures 20(1), 1991",
    undefined="where CAGR or the maximum drawdown is; no drawdown",
)

_NO_EQUITY = Undefined("no equity to begin with")
_NONE = Undefined("no drawdown")


@frozen(kw_only=True)
class Deepest:
    """The maximum drawdown: its depth (≤ 0) and days; `under_water` is of the longest drawdown."""

    depth: Number
    duration: Number
    recovery: Number
    under_water: Number


def drawdown(path: npt.ArrayLike) -> Floats:
    """E_t/max_(u≤t) E_u − 1 at every close; the path begins with positive equity."""
    equity = np.asarray(path, dtype=np.float64)
    return equity / np.maximum.accumulate(equity) - 1


def deepest(dates: Ints, path: npt.ArrayLike) -> Deepest:
    """The maximum drawdown of `path`, whose points are at `dates` (days); the first, if equal."""
    equity = np.asarray(path, dtype=np.float64)
    if equity[0] <= 0:
        return Deepest(
            depth=_NO_EQUITY, duration=_NO_EQUITY, recovery=_NO_EQUITY, under_water=_NO_EQUITY
        )
    below = drawdown(equity)
    trough = int(np.argmin(below))
    depth = float(below[trough])
    longest = _longest(dates, equity)
    if depth >= 0:
        return Deepest(depth=0.0, duration=_NONE, recovery=_NONE, under_water=longest)
    best = float(np.max(equity[: trough + 1]))
    # The last close at the peak is where the fall began.
    peak = int(np.flatnonzero(equity[: trough + 1] == best)[-1])
    back = np.flatnonzero(equity[trough:] >= best)
    recovery: Number = Undefined("not recovered by the end")
    if len(back):
        recovery = float(dates[trough + int(back[0])] - dates[trough])
    return Deepest(
        depth=depth,
        duration=float(dates[trough] - dates[peak]),
        recovery=recovery,
        under_water=longest,
    )


def calmar(growth: Number, depth: Number) -> Number:
    """Growth a year by the depth of the deepest fall."""
    if isinstance(growth, Undefined):
        return growth
    return given(depth, lambda fall: finite(growth / -fall, "no drawdown") if fall < 0 else _NONE)


def _longest(dates: Ints, equity: Floats) -> float:
    """Days between a peak and the next close at it or above, the most of them."""
    at_peak = np.flatnonzero(equity >= np.maximum.accumulate(equity))
    ends = np.append(at_peak[1:], len(equity) - 1)
    # Two peaks side by side have nothing below them in between.
    wet = (ends - at_peak > 1) | (equity[ends] < equity[at_peak])
    return float(np.max(np.where(wet, dates[ends] - dates[at_peak], 0)))
