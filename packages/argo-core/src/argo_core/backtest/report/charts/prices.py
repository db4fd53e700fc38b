"""Trades where they happened: on the prices of one symbol."""

from typing import Any

import numpy as np

from argo_core.backtest.bars.units import UNITS
from argo_core.backtest.report.charts.canvas import dated, figure, thinned
from argo_core.backtest.report.charts.equity import money
from argo_core.backtest.report.charts.look import Look
from argo_core.backtest.report.report import Report
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
    days = panel.known_us / _DAY_US
    kept = there[thinned(close[there], look.points)]
    drawn = figure(look, 2.6)
    axes = drawn.subplots()
    axes.plot(days[kept], close[kept], color=look.soft, lw=0.8)
    size = 18 if look.narrow else 26
    for one in [each for each in report.trades if each.symbol == symbol][-MOST:]:
        colour = look.good if one.pnl > 0 else look.bad
        begin, entry = days[one.opened], float(one.entry)
        end, left = days[panel.rows - 1 if one.closed is None else one.closed], float(one.exit)
        axes.plot((begin, end), (entry, left), color=colour, lw=1.4, solid_capstyle="butt")
        mark = "^" if one.side is Side.BUY else "v"
        axes.scatter(begin, entry, marker=mark, s=size, color=colour, lw=0, zorder=3)
        if not one.open:
            axes.scatter(end, left, marker="o", s=size * 0.5, color=colour, lw=0, zorder=3)
    axes.yaxis.set_major_formatter(money)
    dated(axes, look)
    return drawn
