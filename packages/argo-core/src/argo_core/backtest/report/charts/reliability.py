"""Whether what was said with a chance came true as often."""

from collections.abc import Sequence
from typing import Any

from argo_core.backtest.report.charts.canvas import figure
from argo_core.backtest.report.charts.look import Look
from argo_core.backtest.report.report import Reliability


def reliability(points: Sequence[Reliability], look: Look) -> Any:
    """Chances said against shares that happened; on the diagonal they agree."""
    drawn = figure(look, 3.0)
    axes = drawn.subplots()
    axes.plot((0, 100), (0, 100), color=look.soft, lw=0.9, ls=(0, (3, 2)))
    most = max(one.n for one in points)
    for one in points:
        if one.low is not None and one.high is not None:
            span = (100 * one.low, 100 * one.high)
            axes.plot((100 * one.said,) * 2, span, color=look.strategy, lw=1.2)
        size = 14 + 90 * one.n / most
        axes.scatter(
            100 * one.said, 100 * one.happened, s=size, color=look.strategy, lw=0, zorder=3
        )
    ordered = sorted(points, key=lambda one: one.said)
    said = [100 * one.said for one in ordered]
    axes.plot(said, [100 * one.happened for one in ordered], color=look.strategy, lw=1.0, alpha=0.5)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.grid(visible=True, axis="both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.set_xlabel("said")
    axes.set_title("happened")
    return drawn
