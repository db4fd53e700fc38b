"""The cosignatures on one checkpoint, as they come in."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.cosignature import Cosignature, cosignatures
from argo_core.ledger.note import Note, Verify
from argo_core.ledger.policy import Policy
from argo_core.ledger.verifier_key import VerifierKey


@frozen
class Published:
    """The log's first `size` entries are public since `at`.

    `note` is their checkpoint with the cosignatures that came so far; while they are no quorum, it
    is `pending`.
    """

    size: int
    note: Note
    at: datetime
    pending: bool

    @property
    def is_cosigned(self) -> bool:
        """Whether a witness has cosigned it, be it alone."""
        return len(self.note.signatures) > 1


class Gathering:
    """What `policy` asks for on a durable `note`, and what of it is there; some may be on it.

    `bare` is the note as the log signed it, and `since` the monotonic moment when the first entry
    that is new in it was durable. `decided` is set once more cosignatures would change nothing, or
    once too few can come.
    """

    def __init__(self, note: Note, policy: Policy, verify: Verify, since: float) -> None:
        mine = tuple(line for line in note.signatures if line.is_by(policy.log))
        self.bare = Note(note.text, mine)
        self.size = parse_checkpoint(note.text).size
        self.since = since
        self.decided = asyncio.Event()
        self._policy = policy
        self._good = {one.key: one for one in cosignatures(note, policy.keys, verify)}

    @property
    def note(self) -> Note:
        """The checkpoint with the good cosignatures that are there."""
        return self.bare.with_lines(*(one.line for one in self._good.values()))

    @property
    def count(self) -> int:
        """How many witnesses have cosigned it."""
        return len(self._good)

    @property
    def pending(self) -> bool:
        """Whether there is no quorum yet."""
        return not self._policy.is_met(self._good.values())

    def add(self, good: Cosignature) -> None:
        """A witness of the policy has cosigned it; what it said first stays."""
        self._good.setdefault(good.key, good)

    def decide(self, awaited: Iterable[VerifierKey]) -> None:
        """Set `decided` if it is: only these witnesses may still cosign soon."""
        most = len(self._good.keys() | set(awaited))
        if not self.pending or most < self._policy.quorum:
            self.decided.set()
