"""Everything that is shown of one backtest, gathered as a value."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Self

from attrs import field, frozen

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.finding import Finding
from argo_core.backtest.report.assumptions import Assumption, assumptions
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.words import day
from argo_core.backtest.statistics.statistic import Statistic
from argo_core.backtest.trades import BarTrade, Daily, daily, trades
from argo_core.errors import InvalidInput


@frozen(kw_only=True)
class Reliability:
    """Of `n` verdicts that claimed a chance of `said`, a share of `happened` came true.

    `low` and `high` are the ends of the 95% interval of `happened`. All but n are in [0, 1].
    """

    said: float
    happened: float
    n: int
    low: float | None = None
    high: float | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("said", "happened", "low", "high"):
            told = getattr(self, name)
            if told is not None and not 0 <= told <= 1:
                raise InvalidInput(name, f"{told} is no chance", "give a number from 0 to 1")
        if self.n < 1:
            raise InvalidInput("n", f"{self.n} verdicts", "leave out points that nothing is behind")


@frozen(kw_only=True)
class Report:
    """A backtest beside everything that a reader needs to judge it.

    `sessions` is the account at the end of each session. `notes` are the caller's warnings, such
    as what is known of the choice of symbols; `remarks` are what else the caller found, such as a
    check that was passed, and speak against nothing. `versions` names the code: what made this
    result.
    """

    backtest: Backtest
    statistics: tuple[Statistic, ...]
    sessions: Daily = field(repr=False)
    trades: tuple[BarTrade, ...] = field(repr=False)
    benchmarks: tuple[Benchmark, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def of(
        cls,
        backtest: Backtest,
        statistics: Sequence[Statistic],
        *,
        benchmarks: Sequence[Benchmark] = (),
        reliability: Sequence[Reliability] = (),
        notes: Sequence[str] = (),
        remarks: Sequence[str] = (),
        versions: Mapping[str, str] | None = None,
    ) -> Self:
        """The report of `backtest`; its trades and sessions are found in it.

        Raises:
            InvalidInput: a benchmark has other sessions than the backtest.
        """
        return cls(
            backtest=backtest,
            statistics=tuple(statistics),
            sessions=daily(backtest.panel, backtest.traded),
            trades=trades(backtest.panel, backtest.traded),
            benchmarks=tuple(benchmarks),
            reliability=tuple(reliability),
            notes=tuple(notes),
            remarks=tuple(remarks),
            versions=dict(sorted((versions or {}).items())),
        )

    def __attrs_post_init__(self) -> None:
        length = len(self.sessions.path)
        for one in self.benchmarks:
            if one.path.shape != (length,):
                problem = f"{one.name} has {len(one.path)} values, the backtest {length}"
                raise InvalidInput("benchmarks", problem, "run them on the same panel")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with the bars."""
        return self.backtest.panel.findings

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was taken for granted."""
        return assumptions(self.backtest.plan)

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates of `sessions.path`; an opening within the first session has its date."""
        return tuple(day(one) for one in self.sessions.path_dates.tolist())

    def statistic(self, name: str) -> Statistic | None:
        """The statistic of this name, None where it was not computed."""
        return next((one for one in self.statistics if one.name == name), None)
