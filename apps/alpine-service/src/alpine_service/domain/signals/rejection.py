"""A refusal of what the log said, and the evidence for it."""

from collections.abc import Mapping
from hashlib import sha256

from attrs import field, frozen

from alpine_service.errors import FeedError

LARGEST_PIECE = 256 * 1024
"""Bytes of one piece of evidence that are kept; only a bundle can have more."""

CHECKPOINT = "checkpoint"
KEPT_CHECKPOINT = "kept checkpoint"
WITNESSED_CHECKPOINT = "witnessed checkpoint"
ENTRY = "entry"
BODY = "body"
ANSWER = "answer"


@frozen
class Rejection:
    """What was refused and why. `evidence` is what was served, by name, byte for byte.

    `halts`: the log's key signed two histories, so that nothing more is to be read of it.
    `identity` is what makes it the same refusal, if that is less than the evidence: an entry that
    is refused stays the same while the log, and with it the checkpoint, grows.
    """

    reason: str
    problem: str
    evidence: Mapping[str, bytes] = field(repr=False)
    size: int | None = None
    log_index: int | None = None
    halts: bool = False
    identity: bytes | None = field(default=None, repr=False)

    @property
    def digest(self) -> bytes:
        """The same for the same refusal, so that it is kept once, however often it comes."""
        whole = sha256(f"{self.reason}\n{self.log_index}\n".encode())
        if self.identity is not None:
            whole.update(sha256(self.identity).digest())
            return whole.digest()
        for name, data in sorted(self.evidence.items()):
            whole.update(name.encode() + b"\n" + sha256(data).digest())
        return whole.digest()


class Rejected(FeedError):  # noqa: N818 - it is named for what happened, as all of ours are
    """What the log or its server said is refused, and nothing of it is used."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.problem)
        self.rejection = rejection
