"""One run of a sweep before it is run, and what came of it."""

from collections.abc import Mapping

from attrs import field, frozen

from argo_core.backtest.bars.arrays import Ints, ints, same
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.research.sample import Sample
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
    request_sha256: str
    result_sha256: str
    path: Ints = field(converter=ints, eq=same, repr=False)
    sample: Sample
    fills: int
    turnover: int
    fees: int


@frozen(kw_only=True)
class Failed:
    """A case that could not be run, with what it was made with, and why."""

    strategy: str
    parameters: Mapping[str, str]
    problem: str
