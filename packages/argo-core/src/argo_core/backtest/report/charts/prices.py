"""Trades where they happened: on the prices of one symbol."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from argo_core.backtest.bars.arrays import Floats, floats
from argo_core.backtest.bars.units import UNITS
from argo_core.backtest.report.charts.canvas import dated, figure, thinned
from argo_core.backtest.report.charts.equity import money
from argo_core.backtest.report.charts.look import Look
from argo_core.backtest.report.report import Report
from argo_core.backtest.trades import BarTrade
from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side

MOST = 150
"""Trades that are drawn of one symbol at most, the last ones."""

_DAY_US = 86_400_000_000


def prices(report: Report, symbol: Symbol, look: Look) -> Any:
    """Closes of `symbol`, entries as triangles, exits as dots, and what was won or lost between."""
    panel = report.backtest.panel
    close = panel.close[:, panel.symbols.index(symbol)] / UNITS
    there = np.flatnonzero(close > 0)
    days = floats(panel.known_us / _DAY_US)
    kept = there[thinned(close[there], look.points)]
    drawn = figure(look, 2.1)
    axes = drawn.subplots()
    axes.plot(days[kept], close[kept], color=look.soft, lw=0.8)
    some = [one for one in report.trades if one.symbol == symbol][-MOST:]
    for won, colour in ((True, look.good), (False, look.bad)):
        _mark(axes, days, [one for one in some if (one.pnl > 0) == won], colour, look)
    axes.yaxis.set_major_formatter(money)
    dated(axes, look)
    axes.set_xlim(days[0], max(days[-1], days[0] + 1))
    return drawn


def _mark(axes: Any, days: Floats, some: Sequence[BarTrade], colour: str, look: Look) -> None:
    """All trades of one colour at once, which is much faster than one by one."""
    begin = [float(days[one.opened]) for one in some]
    end = [float(days[-1 if one.closed is None else one.closed]) for one in some]
    entry, left = [float(one.entry) for one in some], [float(one.exit) for one in some]
    breaks = [math.nan] * len(some)
    ways = (np.ravel((one, two, breaks), order="F") for one, two in ((begin, end), (entry, left)))
    axes.plot(*ways, color=colour, lw=1.4, solid_capstyle="butt")
    size = 4.2 if look.narrow else 5.0
    for side, mark in ((Side.BUY, "^"), (Side.SELL, "v")):
        there = [place for place, one in enumerate(some) if one.side is side]
        at = [begin[place] for place in there], [entry[place] for place in there]
        axes.plot(*at, ls="", marker=mark, ms=size, color=colour, mew=0, zorder=3)
    gone = [place for place, one in enumerate(some) if not one.open]
    at = [end[place] for place in gone], [left[place] for place in gone]
    axes.plot(*at, ls="", marker="o", ms=size * 0.7, color=colour, mew=0, zorder=3)
