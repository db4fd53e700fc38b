"""The log that is read: its server, and what is kept of it.

What the server says is worth nothing until it was verified, so the client gives bytes only; what
the stores take was verified, or is evidence.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.standing import Needs
from alpine_service.domain.feed.tile import Bundle, Tile
from alpine_service.domain.feed.tree import Frontier
from alpine_service.domain.signals.batch import Batch
from alpine_service.domain.signals.known import Known
from alpine_service.domain.signals.opened import Opened
from alpine_service.domain.signals.rejection import Rejection
from alpine_service.domain.signals.signal import SignalRecord


class Feed(Protocol):
    """Asks the log's server. Every answer is bounded in size and time.

    All methods raise the same:
        FeedAway: no answer, not in time, not yet there, or one that says to come back later.
        FeedRefused: the server knows us and says no.
        Malformed: an answer that is refused unread, such as a redirect or one that has no end.
    """

    @property
    def has_key(self) -> bool:
        """Whether we have a key for the stream and the bodies."""
        ...

    async def checkpoint(self) -> bytes:
        """The newest published checkpoint, a note."""
        ...

    async def tile(self, tile: Tile) -> bytes:
        """A tile's hashes."""
        ...

    async def bundle(self, bundle: Bundle) -> bytes:
        """A bundle's entries, each behind its length."""
        ...

    async def bodies(self, start: int) -> bytes:
        """Bodies of commits at indices from `start` on, as JSON."""
        ...

    def hints(self, since: int) -> AsyncGenerator[None]:
        """Yield whenever the server says that there is another checkpoint; ends by an error."""
        ...


@frozen
class FeedHead:
    """How far the log was read and verified.

    The entries before `frontier.size` are accepted. `note` is the newest checkpoint that the log is
    held to, `promised` what it says: its size is above the frontier's while a long log is caught
    up. `tiles` are the last tile of each level, as far as they are filled, lowest level first.
    """

    frontier: Frontier = field(repr=False)
    promised: Head
    note: bytes = field(repr=False)
    tiles: tuple[bytes, ...] = field(repr=False)
    bodies_from: int = 0

    @property
    def size(self) -> int:
        return self.frontier.size


@frozen
class WitnessHead:
    """What our own witness cosigned last of a log; `note` has our line among its signatures."""

    head: Head
    note: bytes = field(repr=False)
    cosigned_s: int


@frozen
class StoredCheckpoint:
    """A checkpoint under which all entries below its size were accepted."""

    size: int
    root: bytes
    note: bytes = field(repr=False)
    cosigned_s: int | None


@frozen
class Standing:
    """How it stands with the reading of a log, for health and for the operator.

    `size` is how many entries were accepted, `promised` the size of the newest checkpoint,
    `heard_at` when the log was last heard with a checkpoint that counts. `is_halted`: two histories
    under the log's signatures were seen, and nothing is read until somebody resolved that.
    """

    log: str
    size: int
    promised: int
    read_at: datetime | None
    heard_at: datetime | None
    open_quarantines: int
    is_halted: bool


@frozen
class Quarantine:
    """A refusal that is kept. `evidence` names what can be had of it, piece by piece."""

    id: int
    log: str
    at: datetime
    reason: str
    problem: str
    halts: bool
    size: int | None
    log_index: int | None
    times: int
    last_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    evidence: tuple[str, ...]


class FeedStore(Protocol):
    """What was read of a log. Each method is one transaction, unless it says otherwise.

    All may raise DatabaseAway and DatabaseRefused.
    """

    def reading(self, log: str) -> AbstractAsyncContextManager[bool]:
        """Whether nobody else reads this log now; nobody else will while the block runs.

        It saves work and is not what makes it right: `accept` is.
        """
        ...

    async def head(self, log: str) -> FeedHead | None:
        """How far the log was read; None before its first checkpoint."""
        ...

    async def witness_head(self, log: str) -> WitnessHead | None:
        """What our own witness cosigned last, if it is in the same database."""
        ...

    async def known(self, needs: Needs, also: Collection[int]) -> Known:
        """What the entries of a batch refer to, of what was accepted before.

        `also` are indices of which is asked only what is there.
        """
        ...

    async def accept(self, old: FeedHead, batch: Batch, at: datetime) -> bool:
        """Write all that a batch brings, and move the head; all of it, or nothing.

        False, and nothing is written, if the head is not where `old` says: somebody else was first.
        """
        ...

    async def vouched(self, log: str, size: int, cosigned_s: int, note: bytes | None) -> None:
        """Write down that a witness vouched for the first `size` entries, which were accepted.

        Signals below get the time unless they have an earlier one; it takes as many transactions
        as that needs. `note`, if it is given, takes the place of the stored checkpoint's.
        """
        ...

    async def has_sealed(self, start: int, end: int) -> bool:
        """Whether a commit at an index from `start` on and before `end` has no body yet."""
        ...

    async def commits(self, indices: Collection[int]) -> list[tuple[bytes, SignalRecord]]:
        """The entries of accepted commits without a body, and what is known of them."""
        ...

    async def has_id(self, signal_id: str) -> bool:
        """Whether a signal has this id."""
        ...

    async def open(self, log: str, bodies: Sequence[Opened], bodies_from: int) -> None:
        """Fill in bodies of commits, tell of them, and go on asking at `bodies_from`.

        A commit that has its body already is left as it is.
        """
        ...

    async def heard(self, log: str, at: datetime) -> None:
        """The log was heard, with a checkpoint that counts."""
        ...

    async def tiles(self, tiles: Collection[Tile]) -> Mapping[Tile, bytes]:
        """The first `width` hashes of stored tiles.

        Raises:
            DatabaseRefused: one is not there, or is narrower.
        """
        ...

    async def checkpoint(self) -> StoredCheckpoint | None:
        """The newest checkpoint whose entries were all accepted."""
        ...


class QuarantineStore(Protocol):
    """What was refused, with its evidence."""

    async def keep(self, log: str, rejection: Rejection, at: datetime) -> bool:
        """Keep a refusal, and say whether it is new; the same again is counted, and open again.

        How many are open at once is bounded: beyond, nothing is kept any more.
        """
        ...

    async def is_halted(self, log: str) -> bool:
        """Whether a refusal that halts the reading is open."""
        ...

    async def resolve(self, number: int, by: str, at: datetime) -> bool:
        """Close a refusal; False if there is none open of that number."""
        ...

    async def listed(self, *, resolved: bool, limit: int) -> list[Quarantine]:
        """The newest first, open ones or resolved ones."""
        ...

    async def evidence(self, number: int, name: str) -> bytes | None:
        """One piece of evidence, byte for byte as it was served."""
        ...

    async def standing(self, log: str) -> Standing:
        """How it stands with the reading of a log."""
        ...


class WitnessStore(Protocol):
    """Where the witness stands, which must be written before it answers."""

    def turn(self, log: str) -> "AbstractAsyncContextManager[WitnessTurn]":
        """One request for a log at a time, over all processes.

        What was stored in it is durable when the block has ended without an error.
        """
        ...


class WitnessTurn(Protocol):
    """What may be asked and done while nobody else asks about the log."""

    @property
    def head(self) -> WitnessHead:
        """Where the witness stands; at size 0, with an empty note, before the first time."""
        ...

    async def move(self, head: WitnessHead) -> None:
        """Stand there from now on."""
        ...
