"""What became of the record: how far it is public, by whose word, and how signals ended."""

from collections import Counter

from attrs import define, field

from argo_core.events import (
    CheckpointPublished,
    OutcomeResolved,
    PublicationFailed,
    WitnessFailed,
)
from argo_core.ports import Clock

RecordEvent = CheckpointPublished | WitnessFailed | PublicationFailed | OutcomeResolved

LONG_PENDING_S = 60.0
"""A witness that is restarted is back sooner."""


@define
class RecordTally:
    """Of every witness `refusals` has the last failure, which may be long past."""

    _clock: Clock
    published: CheckpointPublished | None = None
    refusals: dict[str, WitnessFailed] = field(factory=dict)
    failures: int = 0
    outcomes: Counter[str] = field(factory=Counter)
    _pending_since_s: float | None = None

    def notice(self, event: RecordEvent) -> None:
        """Take note of what happened."""
        match event:
            case CheckpointPublished():
                self._published(event)
            case WitnessFailed():
                self.refusals[event.witness] = event
            case PublicationFailed():
                self.failures += 1
            case OutcomeResolved():
                self.outcomes[event.result] += 1

    def _published(self, event: CheckpointPublished) -> None:
        self.published = event
        if not event.pending:
            self._pending_since_s = None
        elif self._pending_since_s is None:
            self._pending_since_s = self._clock.monotonic()

    @property
    def pending_s(self) -> float | None:
        """For how long what is published has lacked its quorum; None while it has one."""
        if self._pending_since_s is None:
            return None
        return self._clock.monotonic() - self._pending_since_s

    @property
    def is_long_pending(self) -> bool:
        """Whether it has lacked it for so long that somebody should look."""
        return self.pending_s is not None and self.pending_s >= LONG_PENDING_S


def record_words(tally: RecordTally) -> str:
    """How far the record is public, and by whose word, in a few words."""
    published = tally.published
    if published is None:
        return "nothing published"
    if published.pending:
        return f"{published.size} entries, witness pending"
    witnesses = "1 witness" if published.cosigned == 1 else f"{published.cosigned} witnesses"
    by = f"cosigned by {witnesses}" if published.cosigned else "signed, no witness"
    return f"{published.size} entries, {by}"
