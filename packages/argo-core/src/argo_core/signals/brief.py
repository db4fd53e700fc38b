"""What a writer of prose is told about a signal: numbers that are decided, and nothing to decide.

The numbers are those that the template shows: confidence and contributions in whole percentage
points, evidence as its sources state it.
"""

from decimal import Decimal
from typing import Self

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.reasons import Direction, Reason
from argo_core.market.instrument import Symbol
from argo_core.signals.evidence import Evidence
from argo_core.signals.reasoning import points
from argo_core.signals.signal import Signal


@frozen
class Pull:
    """A source and what it adds to the signed confidence, in whole percentage points."""

    source: SourceName
    points: int


@frozen
class Brief:
    """A signal for whoever puts it into words.

    `confidence` is the magnitude that readers are shown, in whole percent. `price` is the signal's
    entry price, which words do not cite; it tells how old they may get. `template` is what is said
    without a writer.
    """

    symbol: Symbol
    direction: Direction
    reason: Reason
    confidence: int
    pulls: tuple[Pull, ...]
    evidence: tuple[Evidence, ...]
    price: Decimal
    template: str

    @classmethod
    def of(cls, signal: Signal) -> Self:
        """The brief of a signal whose `reasoning` is the template's."""
        return cls(
            symbol=signal.symbol,
            direction=signal.direction,
            reason=signal.reason,
            confidence=points(abs(signal.confidence_bp)),
            pulls=tuple(Pull(part.source, points(part.phi_bp)) for part in signal.contributions),
            evidence=signal.evidence,
            price=signal.entry,
            template=signal.reasoning,
        )
