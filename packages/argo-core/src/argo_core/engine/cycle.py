"""One cycle's account of itself."""

from datetime import datetime

from attrs import frozen

from argo_core.engine.picture import Decision, Outcome


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
