"""One cycle's account of itself."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.profile import Profile
from argo_core.engine.known import Known
from argo_core.engine.picture import Decision, Outcome
from argo_core.events import CycleFinished


@frozen
class Cycle:
    """What one cycle did. `seconds` is wall time; `failed` says why nothing could be stored."""

    number: int
    at: datetime
    seconds: float
    decisions: tuple[Decision, ...]
    failed: str | None = None

    def count(self, outcome: Outcome) -> int:
        """How many symbols came out that way."""
        return sum(one.outcome is outcome for one in self.decisions)

    def finished(self, known: Known, profile: Profile, usd: Decimal) -> CycleFinished:
        """What whoever watches is told of it; `usd` is what answers have cost since the last."""
        return CycleFinished(
            self.number,
            self.at,
            self.seconds,
            self.count(Outcome.SIGNAL),
            self.count(Outcome.HOLD),
            self.count(Outcome.SKIP),
            tuple(sorted(known.failures)),
            lookups=sum(len(profile.sources) for one in self.decisions if one.view),
            hits=sum(len(one.view.shares) for one in self.decisions if one.view),
            usd=usd,
            missed=len(known.instruments) - len(self.decisions),
        )
