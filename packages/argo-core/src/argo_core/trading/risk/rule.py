"""A rule as one line of a table: its check, and what there is to say about it."""

from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from argo_core.trading.certificate import RuleResult
from argo_core.trading.denial import Denial
from argo_core.trading.risk.case import Case, Standing
from argo_core.trading.risk.finding import Finding

Check: TypeAlias = Callable[[Case], Finding]
StandingCheck: TypeAlias = Callable[[Standing], Finding]


@frozen(kw_only=True)
class Rule:
    """`bounds` says in a sentence what the rule allows, in `unit`s where it has a margin.

    `denials` are all its codes, `settings` the limits it reads, `source` whose demand it is.
    `standing` is the same check where it makes sense without an order, too. A rule that is not
    `for_all` is skipped by orders that only shrink a position.
    """

    name: str
    bounds: str
    check: Check
    denials: tuple[Denial, ...]
    settings: tuple[str, ...] = ()
    unit: str = ""
    source: str
    standing: StandingCheck | None = None
    for_all: bool = False

    def result(self, case: Case) -> RuleResult:
        """The rule's word on an order."""
        if case.shrinks and not self.for_all:
            return RuleResult(self.name, {}, "", None, skipped=True)
        return named(self.name, self.check(case))


def named(name: str, found: Finding) -> RuleResult:
    """A finding as the certificate has it."""
    return RuleResult(name, found.inputs, found.limit, found.margin, found.denial)
