"""Cycles without a signal, added up, so that silence is on the record too."""

from collections import Counter
from datetime import datetime

from attrs import evolve, field, frozen

from argo_core.consensus.reasons import Reason
from argo_core.engine.picture import Decision, Outcome

SLICE_S = 300.0


@frozen
class Quiet:
    """`cycles` cycles from `since` to `until` that published nothing, and why, in counts."""

    since: datetime
    until: datetime
    cycles: int = 0
    holds: int = 0
    skips: int = 0
    reasons: Counter[Reason] = field(factory=Counter)

    def add(self, decisions: tuple[Decision, ...], now: datetime) -> "Quiet":
        """This slice with one more cycle in it."""
        holds = [one for one in decisions if one.outcome is Outcome.HOLD]
        return evolve(
            self,
            until=now,
            cycles=self.cycles + 1,
            holds=self.holds + len(holds),
            skips=self.skips + len(decisions) - len(holds),
            reasons=self.reasons + Counter(one.reason for one in holds),
        )

    def is_full(self, now: datetime) -> bool:
        """Whether the slice has lasted long enough to be written down."""
        return (now - self.since).total_seconds() >= SLICE_S
