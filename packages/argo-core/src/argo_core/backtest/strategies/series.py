"""One symbol's bars without the rows it is absent from, as logarithms that join up."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import UNITS
from argo_core.market.minutes import BREAK
from argo_core.market.splice import GRID

MICRO = 1_000_000
DAY_S = 86_400


@frozen(eq=False)
class Series:
    """The bars of the symbol at `place` of the panel, in the rows `rows` (K).

    `open`, `high`, `low` and `close` are logarithms of prices on the grid of `market.splice`.
    `breaks` says before which bars the market was closed for hours; daily bars have none, because
    their moves overnight are moves. `start_us` is when a bar began, which lasts `bar_us`; daily
    bars are counted instead.
    """

    place: int
    rows: npt.NDArray[np.intp]
    session: Ints
    start_us: Ints
    bar_us: int
    breaks: npt.NDArray[np.bool_]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @property
    def moves(self) -> Floats:
        """What the price moved to each close: since the close before, after a break since the open.

        The first bar's is from its open.
        """
        before = np.concatenate((self.open[:1], self.close[:-1]))
        return self.close - np.where(self.breaks, self.open, before)

    @property
    def elapsed(self) -> Floats:
        """Bars of market time to each close; one after a break, and for every daily bar."""
        gaps = np.diff(self.start_us, prepend=self.start_us[:1])
        return np.where(self.breaks, 1.0, gaps / self.bar_us)


def every_series(panel: Panel) -> Iterator[Series]:
    """The series of each symbol that has a bar, in the panel's order."""
    daily = panel.bar_s >= DAY_S
    begun = panel.known_us - panel.bar_s * MICRO
    prices = [
        # By symbols in rows, so that what is computed along time lies together.
        np.ascontiguousarray(_logs(getattr(panel, name)).T)
        for name in ("open", "high", "low", "close")
    ]
    volumes = np.ascontiguousarray(panel.volume.T.astype(np.float64))
    there = np.ascontiguousarray(panel.there.T)
    for place in range(len(panel.symbols)):
        rows = np.flatnonzero(there[place])
        if not len(rows):
            continue
        start = begun[rows]
        gaps = np.diff(start, prepend=start[:1])
        breaks = np.zeros(len(rows), dtype=bool) if daily else gaps > BREAK.total_seconds() * MICRO
        breaks[0] = True
        opened, high, low, close = (column[place, rows] for column in prices)
        yield Series(
            place=place,
            rows=rows,
            session=panel.session[rows],
            start_us=start if not daily else np.arange(len(rows), dtype=np.int64),
            bar_us=1 if daily else panel.bar_s * MICRO,
            breaks=breaks,
            open=opened,
            high=high,
            low=low,
            close=close,
            volume=volumes[place, rows],
        )


def _logs(units: Ints) -> Floats:
    logs = np.log(np.where(units > 0, units, UNITS) / UNITS)
    rounded: Floats = np.rint(logs * GRID) / GRID
    return rounded
