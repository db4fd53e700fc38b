"""What a report draws: months, spells under water and rolling figures of an equity path."""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.drawdown import drawdown
from argo_core.backtest.statistics.growth import YEAR, returns
from argo_core.backtest.statistics.statistic import Undefined

HALF_YEAR = YEAR // 2
"""Sessions of a rolling window."""

# A deviation below this is rounding of money to ten-thousandths of a dollar.
_FLAT = 1e-12


@frozen
class Month:
    """What was earned in one calendar month, as a share of the equity before it."""

    year: int
    month: int
    earned: float


def months(dates: Sequence[date], path: npt.ArrayLike) -> tuple[Month, ...]:
    """Returns by calendar month, compounding to the whole: each from the last close before it.

    Empty where equity fell to zero or below.
    """
    equity = np.asarray(path, dtype=np.float64)
    if (equity <= 0).any():
        return ()
    found = []
    before = equity[0]
    for place, one in enumerate(dates):
        after = dates[place + 1] if place + 1 < len(dates) else None
        if after is None or (one.year, one.month) != (after.year, after.month):
            found.append(Month(one.year, one.month, float(equity[place] / before - 1)))
            before = equity[place]
    return tuple(found)


def years(by_month: Sequence[Month]) -> dict[int, float]:
    """Returns by calendar year, compounded from those of its months."""
    grown: dict[int, float] = {}
    for one in by_month:
        grown[one.year] = grown.get(one.year, 1.0) * (1 + one.earned)
    return {year: share - 1 for year, share in grown.items()}


@frozen
class Spell:
    """A time under water: places in the path of its peak, its deepest and, if ever, its end."""

    peak: int
    trough: int
    recovered: int | None
    depth: float


def spells(path: npt.ArrayLike, most: int) -> tuple[Spell, ...]:
    """The `most` deepest times under water, the deepest first."""
    below = drawdown(path)
    found: list[Spell] = []
    peak = 0
    for place in range(1, len(below) + 1):
        surfaced = place == len(below) or below[place] == 0
        if surfaced and place - peak > 1:
            trough = peak + int(np.argmin(below[peak:place]))
            end = place if place < len(below) else None
            found.append(Spell(peak, trough, end, float(below[trough])))
        if place < len(below) and below[place] == 0:
            peak = place
    return tuple(sorted(found, key=lambda one: one.depth)[:most])


def daily_returns(path: npt.ArrayLike) -> Floats:
    """Simple returns by session; none where equity fell to zero or below."""
    values = returns(path)
    return np.empty(0) if isinstance(values, Undefined) else values


def rolling_sharpe(path: npt.ArrayLike, window: int = HALF_YEAR) -> Floats:
    """Annualised Sharpe ratio of the last `window` returns, NaN where it is undefined.

    As long as the path, without a riskless rate; the first `window` values are NaN.
    """
    values = daily_returns(path)
    told = np.full(len(np.asarray(path)), math.nan)
    if len(values) < window:
        return told
    parts = np.lib.stride_tricks.sliding_window_view(values, window)
    strays = parts.std(axis=1, ddof=1)
    moves = strays > _FLAT
    ratio = np.full(len(parts), math.nan)
    ratio[moves] = parts.mean(axis=1)[moves] / strays[moves] * math.sqrt(YEAR)
    told[window:] = ratio
    return told
