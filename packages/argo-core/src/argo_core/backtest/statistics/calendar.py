"""Returns by month, and the Sharpe ratio as it went: the tables and curves of a report."""

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.statistics import sharpe
from argo_core.backtest.statistics.statistic import Undefined
from argo_core.errors import InvalidInput

ROLLING = 126
"""Sessions in half a year."""


@frozen
class YearOfReturns:
    """Returns of twelve months, None where there was no session or no equity, and of the year."""

    year: int
    months: tuple[float | None, ...]
    total: float | None


def monthly(dates: Ints, equity: npt.ArrayLike) -> tuple[YearOfReturns, ...]:
    """Each month's return, from the last close of the month before to its own last close.

    `dates` are days since 1970-01-01, never falling, one for each of `equity`. The first month
    begins with the first equity; it has no return where that is all there is of it.
    """
    worth = np.asarray(equity, dtype=np.float64)
    _same_length(dates, worth)
    month = dates.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    last = np.flatnonzero(np.append(np.diff(month) > 0, True))
    ends = {int(month[place]): int(place) for place in last}
    before = dict(zip(ends, (0, *ends.values()), strict=False))
    found = []
    for year in range(int(month[0]) // 12, int(month[-1]) // 12 + 1):
        within = [key for key in range(year * 12, year * 12 + 12) if key in ends]
        months = tuple(
            _change(worth, before[key], ends[key]) if key in ends else None
            for key in range(year * 12, year * 12 + 12)
        )
        total = _change(worth, before[within[0]], ends[within[-1]]) if within else None
        found.append(YearOfReturns(1970 + year, months, total))
    return tuple(found)


def rolling_sharpe(excess: Floats, window: int = ROLLING) -> tuple[float | None, ...]:
    """The annualised Sharpe ratio of the last `window` returns, at each; None where undefined."""
    if window < 2:  # noqa: PLR2004 - one return has no deviation
        raise InvalidInput("window", f"{window} returns are too few", "give 2 or more")
    told: list[float | None] = [None] * min(window - 1, len(excess))
    for end in range(window, len(excess) + 1):
        ratio = sharpe.sharpe(excess[end - window : end])
        told.append(None if isinstance(ratio, Undefined) else ratio)
    return tuple(told)


def _change(worth: Floats, begin: int, end: int) -> float | None:
    if begin == end or worth[begin] <= 0:
        return None
    return float(worth[end] / worth[begin] - 1)


def _same_length(dates: Ints, worth: Floats) -> None:
    if dates.shape != worth.shape or not len(dates):
        problem = f"{len(dates)} dates for {len(worth)} amounts"
        raise InvalidInput("dates", problem, "give one date for each amount, one or more")
