"""What else could have been done with the money, with the figures that say how it went."""

from typing import Final

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.research.benchmarks import beside
from argo_core.backtest.strategy import Strategy
from argo_core.backtest.trades import daily
from argo_core.backtest.trading import Progress

DRAWS: Final = 20
"""Of random entries. More would tell finer, and take as long as so many backtests."""


def benchmarks_of(
    backtest: Backtest, strategy: Strategy, progress: Progress
) -> tuple[Benchmark, ...]:
    """Those of `beside`, on the sessions of the backtest."""
    dates = daily(backtest.panel, backtest.traded).path_dates
    found = beside(backtest.panel, strategy, backtest.plan, draws=DRAWS, progress=progress)
    return tuple(Benchmark.of_path(one.name, one.path, dates, one.note) for one in found)
