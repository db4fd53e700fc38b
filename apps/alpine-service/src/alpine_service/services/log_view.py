"""What anybody may know of the log that is read: how far, under which keys, and how fresh it is."""

from attrs import field, frozen

from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.errors import NotThere
from alpine_service.ports.feed import FeedStore, StoredCheckpoint
from alpine_service.services.ingest_standing import IngestFacts, IngestStanding

# The log publishes every few seconds. Behind this many without a word what we show may be old.
STALE_S = 60.0


@frozen
class LogShown:
    """`checkpoint` is the newest one whose entries were all accepted; None before the first."""

    key: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    facts: IngestFacts
    checkpoint: StoredCheckpoint | None = field(repr=False)

    @property
    def is_stale(self) -> bool:
        """Whether it was not heard for long, or is not read any more because of a contradiction."""
        silent = self.facts.silent_s
        return silent is None or silent > STALE_S or self.facts.standing.is_halted


@frozen
class LogView:
    """Shows one log; without a key there is none."""

    key: VerifierKey | None
    witnesses: tuple[VerifierKey, ...]
    standing: IngestStanding
    store: FeedStore

    async def shown(self) -> LogShown:
        """How it stands now.

        Raises:
            NotThere: no log is read.
        """
        if self.key is None:
            raise NotThere("log")
        facts, checkpoint = await self.standing.facts(), await self.store.checkpoint()
        return LogShown(self.key, self.witnesses, facts, checkpoint)
