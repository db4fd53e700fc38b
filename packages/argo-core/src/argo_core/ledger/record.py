"""The values a log is spoken to with."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.commitment import commitment
from argo_core.market.instrument import Symbol

FULL_BP = 10_000
MAX_LIMIT = 500


@frozen
class LogHead:
    """Where a log stands.

    `root` is the RFC 6962 root over `size` entries. `next_seq` is the next sequence number of each
    strategy. `last_decided_us` is the newest `decided_us` in the log, None while it is empty.
    """

    size: int
    root: bytes
    next_seq: Mapping[str, int]
    last_decided_us: int | None


@frozen
class Sealed:
    """A signal that the log has only committed to: its canonical bytes, and the secret nonce."""

    body: bytes
    nonce: bytes = field(repr=False)

    @property
    def commitment(self) -> str:
        """What the commit entry says of it."""
        return commitment(self.nonce, self.body)


@frozen
class Batch:
    """Entries to append together or not at all.

    `first_index` is the log size the batch was built on. `entries` are canonical bytes. `capsules`
    holds the input capsules the entries name, by the SHA-256 of their bytes in hexadecimal.
    `sealed` holds what the commit entries commit to, by commitment.
    """

    first_index: int
    entries: tuple[bytes, ...]
    capsules: Mapping[str, bytes] = field(factory=dict)
    sealed: Mapping[str, Sealed] = field(factory=dict)


@frozen
class LoggedEntry:
    """An entry as stored: `data` are the very bytes that were hashed."""

    index: int
    data: bytes


@frozen
class LoggedSignal:
    """A signal of the record. `body` is its canonical bytes.

    `entry` is what the log has at `index`: the body itself, or a commit to it. `revealed` is the
    index of the entry that shows the body to everybody, its own if it is open; None while sealed.
    """

    index: int
    body: bytes
    entry: bytes
    revealed: int | None


@frozen
class SignalQuery:
    """Which signals to read, newest first.

    `before` is a cursor: only entries with a smaller index. `since` is inclusive, `until`
    exclusive, both on the decision time. `min_confidence_bp` compares magnitudes. With `sealed`,
    signals that the log has only committed to are found as well. Of what was revealed at or after
    index `published`, as of what is there or after, nothing is found; None means all of the log.
    """

    symbol: Symbol | None = None
    direction: str | None = None
    min_confidence_bp: int = 0
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50
    sealed: bool = False
    published: int | None = None

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInput("limit", f"{self.limit} is out of range", f"give 1 to {MAX_LIMIT}")
        if not 0 <= self.min_confidence_bp <= FULL_BP:
            problem = f"{self.min_confidence_bp} is out of range"
            raise InvalidInput("min_confidence_bp", problem, f"give 0 to {FULL_BP}")
        if self.since and self.until and self.since >= self.until:
            raise InvalidInput("since", "it is not before until", "give an earlier moment")
