"""What else could have been done with the money."""

from collections.abc import Iterator, Sequence
from typing import Self

from attrs import field, frozen

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.arrays import Ints, ints, same
from argo_core.backtest.statistics import drawdown, growth, sharpe, sortino
from argo_core.backtest.statistics.statistic import Statistic, given
from argo_core.backtest.trades import daily
from argo_core.errors import InvalidInput


@frozen(kw_only=True)
class Benchmark:
    """Another use of the money over the same sessions.

    `path` (units) is its worth on the days of the report's own path, from the opening on. `note`
    says in a sentence how it was made.
    """

    name: str
    note: str = ""
    path: Ints = field(converter=ints, eq=same, repr=False)
    statistics: tuple[Statistic, ...] = field(default=(), repr=False)

    def __attrs_post_init__(self) -> None:
        if not len(self.path) or self.path[0] <= 0:
            problem = f"{self.name} begins with nothing"
            raise InvalidInput("benchmarks", problem, "begin with the capital")

    @classmethod
    def of(
        cls, name: str, backtest: Backtest, statistics: Sequence[Statistic], note: str = ""
    ) -> Self:
        """From a backtest of the same panel, with its own statistics."""
        path = daily(backtest.panel, backtest.traded).path
        return cls(name=name, note=note, path=path, statistics=tuple(statistics))

    @classmethod
    def of_path(cls, name: str, path: Ints, dates: Ints, note: str = "") -> Self:
        """From its worth on these `dates` (days since 1970) alone; no riskless rate."""
        return cls(name=name, note=note, path=path, statistics=tuple(_figures(path, dates)))


def _figures(path: Ints, dates: Ints) -> Iterator[Statistic]:
    n, days = len(path) - 1, int(dates[-1] - dates[0])
    values, rate = growth.returns(path), growth.cagr(path, days)
    fall = drawdown.deepest(dates, path)
    yield growth.TOTAL_RETURN.statistic(growth.total_return(path), n)
    yield growth.CAGR.statistic(rate, n)
    yield growth.VOLATILITY.statistic(given(values, growth.volatility), n)
    yield sharpe.SHARPE.statistic(given(values, sharpe.sharpe), n)
    yield sortino.SORTINO.statistic(given(values, sortino.sortino), n)
    yield drawdown.MAX_DRAWDOWN.statistic(fall.depth, n)
    yield drawdown.UNDER_WATER.statistic(fall.under_water, n)
    yield drawdown.CALMAR.statistic(drawdown.calmar(rate, fall.depth), n)
