"""Splits that the data do not know of, taken out of the prices."""

from collections.abc import Iterable

import numpy as np

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.data.hours import DAY_US
from argo_core.backtest.data.options import Split
from argo_core.backtest.data.renames import day_of
from argo_core.backtest.data.rows import Rows
from argo_core.errors import InvalidInput

_MOST = 10_000


def shares_for_one(rows: Rows, splits: Iterable[Split], *, daily: bool) -> Floats | None:
    """For each row, how many of today's shares one share of then has become; None without splits.

    Splits of symbols that are not there, or on dates that no bar precedes, change nothing.

    Raises:
        InvalidInput: those of one symbol multiply to an absurd ratio.
    """
    every = [one for one in splits if one.symbol in rows.symbols]
    if not every:
        return None
    shares = np.ones(len(rows))
    days = rows.at if daily else rows.at // DAY_US
    for one in sorted(every, key=lambda split: (split.symbol, split.on)):
        before = (rows.code == rows.symbols.index(one.symbol)) & (days < day_of(one.on))
        shares[before] *= float(one.ratio)
        if before.any() and not 1 / _MOST <= shares[before].min() <= shares[before].max() <= _MOST:
            problem = f"those of {one.symbol} multiply to a ratio beyond {_MOST:,}"
            raise InvalidInput("splits", problem, "list those that happened")
    return shares
