"""What Argo says about a symbol, complete with its reasons."""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.market.instrument import Symbol
from argo_core.signals.evidence import Evidence


@frozen
class Contribution:
    """One source's part of the confidence.

    `phi_bp` is signed basis points; a signal's contributions add up to its signed confidence
    exactly. `strength` is the opinion x, `age_s` its age in seconds when the signal was decided.
    """

    source: SourceName
    phi_bp: int
    strength: float
    age_s: float
    raw_sha256: str


@frozen
class Signal:
    """A published decision.

    `confidence_bp` is signed basis points of the consensus C; readers are shown its magnitude in
    percent. `entry`, `stop` and `target` are prices on the instrument's tick; a HOLD withdraws and
    has neither stop nor target. `horizon_s` is seconds. `inputs_sha256` names the input capsule.
    """

    id: str
    symbol: Symbol
    direction: Direction
    reason: Reason
    confidence_bp: int
    coverage_bp: int
    agreement_bp: int
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None
    horizon_s: int
    contributions: tuple[Contribution, ...]
    regime: Regime
    profile: str
    reasoning: str
    reasoning_source: str
    evidence: tuple[Evidence, ...]
    inputs_sha256: str
    feed: str
    decided_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When its horizon ends."""
        return self.decided_at + timedelta(seconds=self.horizon_s)
