"""Bars without the rows they are absent from, symbol after symbol, as logarithms that join up."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.kernel.joined import join_up
from argo_core.errors import InvalidInput
from argo_core.market.minutes import BREAK

_T = TypeVar("_T", bound=np.generic)

MICRO = 1_000_000
DAY_S = 86_400


@frozen(eq=False)
class Series:
    """All K bars of a panel, those of its first symbol first, each symbol's in order of time.

    `there` (N, T) says which rows each symbol has a bar in; `edges` where each symbol's bars begin,
    and where the last's end. `prices` (4, K) are open, high, low and
    close in units. `breaks` says before which bars the market was closed for hours; daily bars have
    none but the first, because their moves overnight are moves. `high`, `low` and `close` are
    spliced logarithms, `moves` what the close moved since the close before, after a break since the
    open. `elapsed` are bars of market time to each close: one after a break, and for daily bars.
    """

    there: npt.NDArray[np.bool_]
    edges: npt.NDArray[np.intp]
    begins: npt.NDArray[np.bool_]
    session: Ints
    prices: Ints
    volume: Ints
    breaks: npt.NDArray[np.bool_]
    high: Floats
    low: Floats
    close: Floats
    moves: Floats
    elapsed: Floats

    @property
    def complete(self) -> bool:
        """Whether every symbol has a bar in every row."""
        return self.there.size == len(self.volume)

    def each(self) -> Iterator[slice]:
        """Where each symbol's bars lie; a symbol without bars has an empty slice."""
        for begin, end in zip(self.edges[:-1], self.edges[1:], strict=True):
            yield slice(int(begin), int(end))

    def table(self, values: npt.NDArray[_T], absent: float | str) -> npt.NDArray[_T]:
        """`values` (K) in a table of rows and symbols, `absent` where there is no bar."""
        if self.complete:
            table = values.reshape(self.there.shape).T.copy()
        else:
            found = np.full(self.there.shape, absent, dtype=values.dtype)
            found[self.there] = values
            table = found.T.copy()
        table.flags.writeable = False
        return table

    def flat(self, table: npt.NDArray[_T]) -> npt.NDArray[_T]:
        """What a table of rows and symbols says of each bar (K).

        Raises:
            InvalidInput: the table is of other bars.
        """
        rows = self.there.shape[::-1]
        if table.shape != rows:
            problem = f"a table's shape is {table.shape}"
            raise InvalidInput("scores", problem, f"give {rows[0]} rows of {rows[1]} symbols")
        return np.ascontiguousarray(table.T)[self.there]


def series_of(panel: Panel) -> Series:
    """The panel's bars in a row, for whatever looks along time."""
    there = np.ascontiguousarray(panel.there.T)
    complete = bool(there.all())

    def in_a_row(column: npt.NDArray[_T]) -> npt.NDArray[_T]:
        rows: npt.NDArray[_T] = column if complete else column[there]
        return rows.reshape(-1)

    edges = np.concatenate(([0], np.cumsum(there.sum(axis=1))))
    prices = np.empty((4, edges[-1]), dtype=np.int64)
    for place, column in enumerate((panel.open, panel.high, panel.low, panel.close)):
        prices[place] = in_a_row(np.ascontiguousarray(column.T))
    begins = np.zeros(prices.shape[1], dtype=bool)
    begins[edges[:-1][np.diff(edges) > 0]] = True
    session = in_a_row(np.broadcast_to(panel.session, there.shape))
    if panel.bar_s >= DAY_S:
        breaks, elapsed = begins, np.ones(len(begins))
    else:
        gaps = np.diff(in_a_row(np.broadcast_to(panel.known_us, there.shape)), prepend=0)
        breaks = begins | (gaps > round(BREAK.total_seconds() * MICRO))
        elapsed = np.where(breaks, 1.0, gaps / (panel.bar_s * MICRO))
    joined = np.empty((4, len(begins)))
    join_up(prices, begins, breaks, joined)
    high, low, close, moves = joined
    return Series(
        there=there,
        edges=edges,
        begins=begins,
        session=session,
        prices=prices,
        volume=in_a_row(np.ascontiguousarray(panel.volume.T)),
        breaks=breaks,
        high=high,
        low=low,
        close=close,
        moves=moves,
        elapsed=elapsed,
    )
