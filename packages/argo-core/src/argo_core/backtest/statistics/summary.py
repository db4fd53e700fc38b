"""All statistics of one backtest."""

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.statistics import growth
from argo_core.backtest.statistics.statistic import Statistic
from argo_core.backtest.statistics.trials import Trials
from argo_core.backtest.trades import daily


def summary(
    backtest: Backtest, *, trials: Trials | None, seed: int, risk_free: float = 0.0
) -> tuple[Statistic, ...]:
    """The statistics of `backtest`, in the order a report prints them.

    `trials` is how much was tried before; None, and what corrects for it is undefined. `seed`
    decides the resamples behind the intervals. `risk_free` is a rate a year, of which each session
    has 1/252.
    """
    sessions = daily(backtest.panel, backtest.traded)
    path = sessions.path
    days = int(sessions.dates[-1] - sessions.dates[0])
    return (
        growth.TOTAL_RETURN.statistic(growth.total_return(path), len(path) - 1),
        growth.CAGR.statistic(growth.cagr(path, days), len(path) - 1),
    )
