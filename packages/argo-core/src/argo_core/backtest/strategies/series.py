"""Bars without the rows they are absent from, symbol after symbol, as logarithms that join up."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.kernel.joined import join_up
from argo_core.market.minutes import BREAK

_T = TypeVar("_T", bound=np.generic)

MICRO = 1_000_000
DAY_S = 86_400


@frozen(eq=False)
class Series:
    """All K bars of a panel, those of its first symbol first, each symbol's in order of time.

    `cells` says where a bar stands in a table of the panel's shape, laid out flat; `edges` where
    each symbol's bars begin, and where the last's end. `prices` (4, K) are open, high, low and
    close in units. `breaks` says before which bars the market was closed for hours; daily bars have
    none but the first, because their moves overnight are moves. `high`, `low` and `close` are
    spliced logarithms, `moves` what the close moved since the close before, after a break since the
    open. `elapsed` are bars of market time to each close: one after a break, and for daily bars.
    """

    shape: tuple[int, int]
    cells: npt.NDArray[np.intp]
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

    def each(self) -> Iterator[slice]:
        """Where each symbol's bars lie; a symbol without bars has an empty slice."""
        for begin, end in zip(self.edges[:-1], self.edges[1:], strict=True):
            yield slice(int(begin), int(end))

    def table(self, values: npt.NDArray[_T], absent: float) -> npt.NDArray[_T]:
        """`values` (K) in a table of rows and symbols, `absent` where there is no bar."""
        found = np.full(self.shape, absent, dtype=values.dtype)
        found.ravel()[self.cells] = values
        return found


def series_of(panel: Panel) -> Series:
    """The panel's bars in a row, for whatever looks along time."""
    rows, count = panel.close.shape
    places, at = np.nonzero(panel.close.T)
    cells = at * count + places
    edges = np.searchsorted(places, np.arange(count + 1))
    begins = np.zeros(len(cells), dtype=bool)
    begins[edges[:-1][np.diff(edges) > 0]] = True
    prices = np.array([getattr(panel, n).ravel()[cells] for n in ("open", "high", "low", "close")])
    gaps = np.diff(panel.known_us[at], prepend=0)
    if panel.bar_s >= DAY_S:
        breaks, elapsed = begins, np.ones(len(cells))
    else:
        breaks = begins | (gaps > BREAK.total_seconds() * MICRO)
        elapsed = np.where(breaks, 1.0, gaps / (panel.bar_s * MICRO))
    joined = np.empty((4, len(cells)))
    join_up(prices, begins, breaks, joined)
    high, low, close, moves = joined
    return Series(
        shape=(rows, count),
        cells=cells,
        edges=edges,
        begins=begins,
        session=panel.session[at],
        prices=prices,
        volume=panel.volume.ravel()[cells],
        breaks=breaks,
        high=high,
        low=low,
        close=close,
        moves=moves,
        elapsed=elapsed,
    )
