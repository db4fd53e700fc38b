"""How returns are spread, and how steady their ratio to risk is."""

from typing import Any

import numpy as np

from argo_core.backtest.report import series
from argo_core.backtest.report.charts.canvas import dated, figure, thinned
from argo_core.backtest.report.charts.equity import days_of
from argo_core.backtest.report.charts.look import Look
from argo_core.backtest.report.report import Report
from argo_core.backtest.statistics.calendar import ROLLING

FEWEST = 20
"""Fewer returns than this have no shape."""


def rolling(report: Report, look: Look) -> Any | None:
    """The Sharpe ratio of half a year at a time; None where nothing is defined."""
    own = series.rolling(report.sessions.path)
    if not np.isfinite(own).any():
        return None
    drawn = figure(look, 2.5)
    axes = drawn.subplots()
    days = days_of(report)
    for place, one in enumerate(report.benchmarks[:1]):
        told = series.rolling(one.path)[ROLLING:]
        kept = thinned(told, look.points // 2)
        axes.plot(days[ROLLING:][kept], told[kept], color=look.other(place), lw=0.9)
    told, since = own[ROLLING:], days[ROLLING:]
    kept = thinned(told, look.points)
    axes.axhline(0, color=look.soft, lw=0.8)
    axes.fill_between(
        since[kept], told[kept], 0, where=told[kept] < 0, color=look.bad, alpha=0.18, lw=0
    )
    axes.plot(since[kept], told[kept], color=look.strategy, lw=1.3)
    dated(axes, look)
    axes.set_xlim(days[0], max(days[-1], days[0] + 1))
    return drawn


def spread(report: Report, look: Look) -> Any | None:
    """Daily returns counted, beside a normal distribution; None where there are too few."""
    values = series.daily_returns(report.sessions.path) * 100
    strays = float(values.std(ddof=1)) if len(values) >= FEWEST else 0.0
    if strays <= 0:
        return None
    drawn = figure(look, 2.5)
    axes = drawn.subplots()
    mean = float(values.mean())
    edges = np.linspace(values.min(), values.max(), 61)
    counts, _ = np.histogram(values, edges)
    middles, wide = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
    colours = [look.bad if one < 0 else look.strategy for one in middles]
    axes.bar(middles, counts, width=wide * 0.86, color=colours, alpha=0.75, lw=0)
    curve = np.linspace(edges[0], edges[-1], 160)
    density = np.exp(-(((curve - mean) / strays) ** 2) / 2) / (strays * np.sqrt(2 * np.pi))
    axes.plot(curve, density * len(values) * wide, color=look.ink, lw=1.0, ls=(0, (4, 2)))
    axes.axvline(mean, color=look.ink, lw=0.8)
    axes.axvline(float(np.quantile(values, 0.05)), color=look.warn, lw=1.0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.3g}%".replace("-", "\N{MINUS SIGN}"))
    axes.set_title("Sessions")
    return drawn
