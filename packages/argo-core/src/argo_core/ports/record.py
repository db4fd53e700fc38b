"""The log, its index, and those who sign it."""

from collections.abc import Sequence
from typing import Protocol

from argo_core.ledger.add_checkpoint import AddCheckpoint
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.note import Note, SignatureLine
from argo_core.ledger.record import (
    Batch,
    LoggedEntry,
    LoggedSignal,
    LogHead,
    Sealed,
    SignalQuery,
)
from argo_core.ledger.verifier_key import VerifierKey


class Signer(Protocol):
    """Signs with one Ed25519 key, which nobody sees."""

    @property
    def key(self) -> VerifierKey:
        """The public half, under the name it signs for."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the message's signature; the same for the same message."""
        ...


class SignalLog(Protocol):
    """The append-only record: one writer with a lease, durable batches, each with a checkpoint.

    Signatures leave it only once what they cover is durable, and a size is signed once.
    """

    @property
    def key(self) -> VerifierKey:
        """The key its checkpoints are signed with; the key's name is the log's."""
        ...

    async def head(self) -> LogHead:
        """Where the log stands now."""
        ...

    async def append(self, batch: Batch) -> LogHead:
        """Store the whole batch durably and return the new head; all or nothing.

        Repeating a batch that is already there, byte for byte, changes nothing and succeeds.

        Raises:
            InvalidInput: an entry is not canonical or bears another log's name, or a capsule or
                a sealed body is missing, does not match its hash or is named by no entry.
            LogConflict: the batch does not continue the head, or a sequence has a gap.
            LogFenced: another writer has taken over.
            LogUnavailable: the store is locked or full; nothing was written.
            LogUnusable: the store is corrupt.
        """
        ...

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """The entries with start <= index < stop, in order, at most 1,000 of them."""
        ...

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        """Of a tile level, the hashes with start <= place < stop that are there, at most 1,000.

        Level 0 are leaf hashes; a hash of level L is the root of 256^L leaves.
        """
        ...

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        """The newest checkpoint, or the newest somebody cosigned, with all its signatures.

        None while there is none; every durable batch makes one.
        """
        ...

    async def cosign(self, size: int, lines: Sequence[Cosignature]) -> None:
        """Keep good cosignatures with the checkpoint of that size; those it has stay as they are.

        Raises:
            InvalidInput: no checkpoint has that size.
            LogError: they could not be kept.
        """
        ...

    async def witnessed_at(self, index: int) -> int | None:
        """The least time of a cosignature that covers the entry, seconds since 1970, or None."""
        ...

    async def capsule(self, sha256: str) -> bytes | None:
        """The input capsule of that hash, or None."""
        ...

    async def sealed(self, commitment: str) -> Sealed | None:
        """What a commit entry commits to, or None."""
        ...


class SignalIndex(Protocol):
    """Reading signals back by what they say; derived from the log, never the other way."""

    async def find(self, query: SignalQuery) -> tuple[LoggedSignal, ...]:
        """Matching signals, newest (largest index) first."""
        ...

    async def latest(
        self, *, sealed: bool = False, published: int | None = None
    ) -> tuple[LoggedSignal, ...]:
        """The newest signal of every symbol, in order of symbol; see `SignalQuery`."""
        ...

    async def unresolved(self) -> tuple[LoggedSignal, ...]:
        """BUY and SELL signals, sealed ones too, whose outcome is not in the log, oldest first."""
        ...

    async def unrevealed(self) -> tuple[LoggedSignal, ...]:
        """Sealed signals, oldest first."""
        ...

    async def outcome(self, index: int) -> LoggedEntry | None:
        """The outcome entry of the signal at that index, or None."""
        ...


class Witness(Protocol):
    """Somebody independent who cosigns the log's checkpoints, once it has checked them."""

    @property
    def key(self) -> VerifierKey:
        """The key it cosigns with."""
        ...

    async def add_checkpoint(self, asked: AddCheckpoint) -> Sequence[SignatureLine] | int:
        """Lines that cosign the checkpoint, not yet checked; or the size it stands at instead.

        Raises:
            WitnessAway: no answer came in time, or none that can be used.
            WitnessRefused: it will not cosign this.
        """
        ...
