"""Equity beside its benchmarks, what it fell below its peak, and what was invested."""

from typing import Any

import numpy as np

from argo_core.backtest.bars.arrays import Floats, floats
from argo_core.backtest.bars.units import UNITS
from argo_core.backtest.report.charts.canvas import dated, figure, thinned
from argo_core.backtest.report.charts.look import DASHES, Look
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.series import spells
from argo_core.backtest.report.words import MINUS
from argo_core.backtest.statistics.drawdown import drawdown

_LOGARITHMIC = 4
"""From this growth on, equal shares are drawn equally high."""


def days_of(report: Report) -> Floats:
    """Days since 1970 of the report's path."""
    return floats(report.sessions.path_dates)


def beside(report: Report, place: int) -> Floats:
    """The benchmark at `place` in dollars, begun with as much money as the strategy."""
    path = report.benchmarks[place].path
    return floats(path / path[0] * report.sessions.path[0] / UNITS)


def money(amount: float, _place: int = 0) -> str:
    """A short amount for an axis."""
    sign = MINUS if amount < 0 else ""
    for size, name in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(amount) >= size:
            return f"{sign}${abs(amount) / size:,.4g}{name}"
    return f"{sign}${abs(amount):,.4g}"


def equity(report: Report, look: Look) -> Any:
    """The figure that says most: three panels on one time."""
    drawn = figure(look, 5.6 if look.narrow else 5.0)
    top, middle, bottom = drawn.subplots(
        3, 1, sharex=True, gridspec_kw={"height_ratios": (3.2, 1.1, 0.75)}
    )
    days = days_of(report)
    _worth(top, report, look, days)
    _fallen(middle, report, look, days)
    _invested(bottom, report, look)
    dated(bottom, look)
    bottom.set_xlim(days[0], max(days[-1], days[0] + 1))
    return drawn


def _worth(axes: Any, report: Report, look: Look, days: Floats) -> None:
    own = report.sessions.path / UNITS
    lines = [beside(report, place) for place in range(len(report.benchmarks))]
    for place, (line, one) in enumerate(zip(lines, report.benchmarks, strict=True)):
        kept = thinned(line, look.points // 2)
        dashes = DASHES[place % len(DASHES)]
        axes.plot(
            days[kept], line[kept], color=look.other(place), ls=dashes, lw=1.0, label=one.name
        )
    kept = thinned(own, look.points)
    axes.plot(days[kept], own[kept], color=look.strategy, lw=1.7, label=report.backtest.strategy)
    axes.axhline(own[0], color=look.soft, lw=0.7, ls=(0, (1, 2)))
    for worst in spells(report.sessions.path, 1):
        end = len(days) - 1 if worst.recovered is None else worst.recovered
        axes.axvspan(days[worst.peak], days[end], color=look.bad, alpha=0.07, lw=0)
    halted = np.flatnonzero(report.backtest.traded.halted)
    if len(halted):
        axes.axvline(report.backtest.panel.session[halted[0]], color=look.bad, lw=1.1)
    every = np.concatenate([own, *lines])
    scale = ""
    if every.min() > 0 and every.max() / every.min() >= _LOGARITHMIC:
        axes.set_yscale("log")
        axes.minorticks_off()
        scale = ", logarithmic"
    axes.yaxis.set_major_formatter(money)
    axes.set_title(f"Worth of the account{scale}")


def _fallen(axes: Any, report: Report, look: Look, days: Floats) -> None:
    for place, one in enumerate(report.benchmarks[:1]):
        below = drawdown(one.path) * 100
        kept = thinned(below, look.points // 2)
        axes.plot(days[kept], below[kept], color=look.other(place), lw=0.8, alpha=0.9)
    below = drawdown(report.sessions.path) * 100
    kept = thinned(below, look.points)
    axes.fill_between(days[kept], below[kept], 0, color=look.bad, alpha=0.22, lw=0)
    axes.plot(days[kept], below[kept], color=look.bad, lw=0.9)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.4g}%".replace("-", "\N{MINUS SIGN}"))
    axes.set_title("Below its highest")


def _invested(axes: Any, report: Report, look: Look) -> None:
    panel, traded = report.backtest.panel, report.backtest.traded
    equity = np.maximum(traded.equity, 1)
    share = np.where(traded.equity > 0, traded.gross / equity, 0.0) * 100
    last = np.flatnonzero(np.append(np.diff(panel.session) > 0, True))
    days, share = panel.session[last].astype(np.float64), share[last]
    kept = thinned(share, look.points // 2)
    axes.fill_between(days[kept], share[kept], 0, color=look.strategy, alpha=0.28, lw=0)
    axes.set_ylim(0, max(100.0, float(share.max()) * 1.05))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.4g}%")
    axes.set_title("Invested, long and short together, of equity")
