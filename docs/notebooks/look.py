"""How the notebooks' charts look: as those of the tearsheet do."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter

from argo_core.backtest.report.charts.look import NOTEBOOK

INK, SOFT, BLUE, RED, GREEN = (
    NOTEBOOK.ink,
    NOTEBOOK.soft,
    NOTEBOOK.strategy,
    NOTEBOOK.bad,
    NOTEBOOK.good,
)
OTHERS = NOTEBOOK.others
PERCENT = PercentFormatter(1, decimals=0)

plt.rcParams.update(
    {
        "figure.dpi": 110,
        "figure.figsize": (9, 3.4),
        "figure.constrained_layout.use": True,
        "font.size": 9,
        "text.color": INK,
        "axes.edgecolor": NOTEBOOK.line,
        "axes.labelcolor": SOFT,
        "axes.titlelocation": "left",
        "axes.titlesize": 10,
        "axes.titlecolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": NOTEBOOK.line,
        "grid.linewidth": 0.7,
        "xtick.color": NOTEBOOK.line,
        "xtick.labelcolor": SOFT,
        "ytick.color": NOTEBOOK.line,
        "ytick.labelcolor": SOFT,
        "lines.linewidth": 1.6,
        "legend.frameon": False,
    }
)


def charts(columns: int = 1, *, height: float = 3.4, widths: Sequence[float] | None = None) -> Any:
    """So many charts beside each other; one alone is not in a sequence."""
    ratios = {"width_ratios": widths} if widths else None
    _, axes = plt.subplots(1, columns, figsize=(9, height), gridspec_kw=ratios)
    return axes


def titled(axes: Any, title: str, x: str = "", y: str = "") -> None:
    """A chart's title, and what its axes count."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
