"""One run of a sweep before it is run, and what came of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import field, frozen

from argo_core.backtest.bars.arrays import Ints, ints, same
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.sample import Sample
from argo_core.backtest.research.trial import Trial
from argo_core.backtest.strategy import Strategy


@frozen(kw_only=True)
class Case:
    """`strategy` traded as `plan` says, on rows from `begin` up to, not with, `end`.

    None is the end of the panel. The strategy has seen the rows before `begin` as well. Both must
    pickle where the sweep runs in other processes.
    """

    strategy: Strategy
    plan: Plan = field(factory=Plan)
    begin: int = 0
    end: int | None = None


@frozen(kw_only=True)
class Ran:
    """What came of a case: the account at the end of each session, and its hashes.

    `path` (units) begins with the opening equity. `fills` is how many there were, `turnover` what
    was bought and sold (units), `fees` what was paid for it (units).
    """

    strategy: str
    parameters: Mapping[str, str]
    plan: Plan = field(repr=False)
    ground: Ground = field(repr=False)
    data_sha256: str
    request_sha256: str
    result_sha256: str
    path: Ints = field(converter=ints, eq=same, repr=False)
    sample: Sample
    fills: int
    turnover: int
    fees: int

    def trial(self, at: datetime) -> Trial:
        """The trial that this was, run at that moment."""
        return Trial(
            at=at,
            strategy=self.strategy,
            parameters=self.parameters,
            ground=self.ground,
            data_sha256=self.data_sha256,
            request_sha256=self.request_sha256,
            result_sha256=self.result_sha256,
            n=self.sample.n,
            sharpe=self.sample.sharpe,
            skew=self.sample.skew,
            kurtosis=self.sample.kurtosis,
        )


@frozen(kw_only=True)
class Failed:
    """A case that could not be run, with what it was made with, and why."""

    strategy: str
    parameters: Mapping[str, str]
    plan: Plan = field(repr=False)
    problem: str


def every_case(strategies: Iterable[Strategy], plans: Iterable[Plan]) -> tuple[Case, ...]:
    """Each strategy with each plan, the plans of one strategy together."""
    with_plans = tuple(plans)
    return tuple(Case(strategy=one, plan=plan) for one in strategies for plan in with_plans)
