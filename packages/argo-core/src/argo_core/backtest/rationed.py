"""Prices of many symbols from a cache when calls are scarce: how far off the answers are."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen

from argo_core.backtest.market_time import Numbers

Lifetimes: TypeAlias = Callable[[int, Sequence[int]], Sequence[float]]
"""Given the minute and the symbols asked about in it, by number: how many minutes each may live."""


@frozen
class Served:
    """What so many `calls` bought: the shares of answers further off than each tolerance."""

    calls: int
    off: tuple[float, ...]


def serve(
    levels: Numbers, opens: Numbers, lifetimes: Lifetimes, tolerances: Sequence[float]
) -> Served:
    """Ask for every symbol whose price has expired, then answer for all, minute by minute.

    `levels` holds log prices, a row for each minute and a column for each symbol; a symbol that is
    not known yet is not a number. All are asked about in the minutes that are true in `opens`, when
    a session begins. Tolerances are in log units. A price that lives for a part of a minute is
    asked for earlier the next time, so that lifetimes are kept on average.
    """
    known = ~np.isnan(levels)
    cached = np.full(levels.shape[1], np.nan)
    due = np.full(levels.shape[1], -np.inf)
    calls, limits = 0, np.array(tolerances)
    off = np.zeros(len(limits), dtype=int)
    for minute, level in enumerate(levels):
        if opens[minute]:
            due[:] = -np.inf
        asked = np.flatnonzero((due <= minute) & known[minute])
        if len(asked):
            calls += len(asked)
            cached[asked] = level[asked]
            begun = np.maximum(due[asked], minute - 1.0)
            begun[np.isinf(due[asked])] = minute
            due[asked] = begun + np.asarray(lifetimes(minute, asked.tolist()))
        off += np.count_nonzero(np.abs(level - cached) > limits[:, None], axis=1)
    return Served(calls, tuple((off / np.count_nonzero(known)).tolist()))
