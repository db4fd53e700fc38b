"""Whom a reader believes: the pinned keys of the log and of witnesses, and how many must agree."""

from collections.abc import Mapping

from attrs import field, frozen

from alpine_service.domain.feed.checkpoint import (
    Checkpoint,
    Head,
    read_checkpoint,
    require_signed,
)
from alpine_service.domain.feed.cosignature import earliest_cosignatures
from alpine_service.domain.feed.verifier_key import Algorithm, VerifierKey, Verify
from alpine_service.errors import Malformed


@frozen
class Policy:
    """The log's key, the witnesses' keys, and how many witnesses must have cosigned."""

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse keys of a wrong use, and a quorum that could never be met."""
        if self.log.algorithm is not Algorithm.CHECKPOINT:
            raise Malformed("bad-policy", "the log's key does not sign checkpoints")
        if any(key.algorithm is not Algorithm.COSIGNATURE for key in self.witnesses):
            raise Malformed("bad-policy", "a witness's key does not cosign")
        # A key is its 32 bytes: under another name it is the same witness once more, or the log.
        others = {key.public_key for key in self.witnesses} - {self.log.public_key}
        if not 0 <= self.quorum <= len(others):
            raise Malformed("bad-policy", "the quorum is more than there are witnesses")


@frozen
class Witnessed:
    """A checkpoint that is the log's, and who else vouches for it."""

    checkpoint: Checkpoint
    cosigned: Mapping[VerifierKey, int] = field(repr=False)
    """When each pinned witness cosigned it, in seconds since 1970."""

    is_met: bool
    """Whether the quorum is met; until then the checkpoint is pending."""

    @property
    def head(self) -> Head:
        return self.checkpoint.head

    @property
    def witnessed_at_s(self) -> int | None:
        """The earliest time of a cosignature, in seconds since 1970."""
        return min(self.cosigned.values(), default=None)


def count_witnesses(checkpoint: Checkpoint, policy: Policy, verify: Verify) -> Witnessed:
    """Who of the policy's witnesses cosigned a checkpoint whose own signature was verified."""
    times = earliest_cosignatures(checkpoint.note, policy.witnesses, verify)
    cosigned: dict[bytes, tuple[VerifierKey, int]] = {}
    for key, time_s in times.items():
        known = cosigned.get(key.public_key)
        if key.public_key != policy.log.public_key and (known is None or time_s < known[1]):
            cosigned[key.public_key] = key, time_s
    return Witnessed(checkpoint, dict(cosigned.values()), len(cosigned) >= policy.quorum)


def read_witnessed(data: bytes, policy: Policy, verify: Verify) -> Witnessed:
    """A checkpoint of the policy's log, and who vouches for it.

    Raises:
        Malformed: the bytes are no checkpoint.
        Refuted: it is not the log's.
    """
    checkpoint = read_checkpoint(data)
    require_signed(checkpoint, policy.log, verify)
    return count_witnesses(checkpoint, policy, verify)
