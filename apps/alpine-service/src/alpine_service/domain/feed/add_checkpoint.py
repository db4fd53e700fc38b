"""The witness's conversation, after C2SP tlog-witness: what it is asked and what it answers."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from alpine_service.domain.feed.checkpoint import (
    Checkpoint,
    Head,
    read_checkpoint,
    require_signed,
)
from alpine_service.domain.feed.hash_lines import read_hashes, write_hashes
from alpine_service.domain.feed.note import LARGEST_NOTE
from alpine_service.domain.feed.number import read_number
from alpine_service.domain.feed.tree import EMPTY_ROOT, check_consistency
from alpine_service.domain.feed.verifier_key import VerifierKey, Verify
from alpine_service.errors import Malformed, Refuted

LARGEST_REQUEST = LARGEST_NOTE + 4096
"""More bytes than any request has."""

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"

_OLD = "old "


@frozen
class AddCheckpoint:
    """A request to cosign: where the log believes the witness stands, and the way from there."""

    old_size: int
    proof: tuple[bytes, ...] = field(repr=False)
    checkpoint: Checkpoint


@frozen
class Standing:
    """A log that a witness knows: the key it trusts, and the size and root it cosigned last."""

    key: VerifierKey
    size: int = 0
    root: bytes = EMPTY_ROOT


class Reason(StrEnum):
    """Why the witness answers as it does."""

    MALFORMED = "malformed"
    UNKNOWN_LOG = "unknown-log"
    BAD_SIGNATURE = "bad-signature"
    OLD_ABOVE_SIZE = "old-above-size"
    STANDS_ELSEWHERE = "stands-elsewhere"
    # Two checkpoints of one size that the log signed: the request is evidence, keep it.
    FORKED = "forked"
    # Signed by the log, and not shown to continue what was cosigned: keep it, too.
    BAD_CONSISTENCY = "bad-consistency"
    COSIGN = "cosign"


@frozen
class Refusal:
    """An answer that cosigns nothing."""

    status: int
    reason: Reason
    body: str
    content_type: str = TEXT


@frozen
class Consent:
    """What to write down as the last one cosigned, and only then to cosign and answer with 200.

    The message to sign is `cosignature_message(now, head.text())`, and the answer's body the
    `cosignature_line` of it.
    """

    head: Head
    reason: Reason = Reason.COSIGN


def read_add_checkpoint(data: bytes) -> AddCheckpoint:
    """The request that a body is.

    Raises:
        Malformed: it is none.
    """
    above, separator, note = data.partition(b"\n\n")
    if not separator or len(data) > LARGEST_REQUEST:
        raise _malformed("it has no empty line before the checkpoint, or too many bytes")
    try:
        first, *hashes = above.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("it is not ASCII") from error
    if not first.startswith(_OLD):
        raise _malformed("it does not begin with the old size")
    old_size = read_number(first.removeprefix(_OLD))
    return AddCheckpoint(old_size, read_hashes(hashes), read_checkpoint(note))


def write_add_checkpoint(old_size: int, proof: tuple[bytes, ...], checkpoint: bytes) -> bytes:
    """The body of a request to cosign; the checkpoint goes in as it is."""
    lines = [f"{_OLD}{old_size}", *write_hashes(proof), "", ""]
    return "\n".join(lines).encode("ascii") + checkpoint


def consider(data: bytes, known: Mapping[str, Standing], verify: Verify) -> Refusal | Consent:
    """What a witness answers to a request's body, given the logs it knows by name.

    The order of the questions is the protocol's. Nothing else may be asked about this log between
    reading `known` and writing down the head of a `Consent`.
    """
    try:
        request = read_add_checkpoint(data)
    except Malformed as error:
        return Refusal(400, Reason.MALFORMED, f"{error}\n")
    standing = known.get(request.checkpoint.head.origin)
    if standing is None:
        return Refusal(404, Reason.UNKNOWN_LOG, "this witness does not know the log\n")
    try:
        require_signed(request.checkpoint, standing.key, verify)
    except Refuted as error:
        return Refusal(403, Reason.BAD_SIGNATURE, f"{error}\n")
    return _consider_step(request, standing)


def _consider_step(request: AddCheckpoint, standing: Standing) -> Refusal | Consent:
    head = request.checkpoint.head
    if request.old_size > head.size:
        return Refusal(400, Reason.OLD_ABOVE_SIZE, "the old size is above the checkpoint's\n")
    if request.old_size != standing.size:
        return Refusal(409, Reason.STANDS_ELSEWHERE, f"{standing.size}\n", SIZE)
    if head.size == standing.size and head.root != standing.root:
        return Refusal(409, Reason.FORKED, "this size was cosigned with another root\n")
    try:
        check_consistency(standing.size, standing.root, head.size, head.root, request.proof)
    except Refuted as error:
        return Refusal(422, Reason.BAD_CONSISTENCY, f"{error}\n")
    return Consent(head)


def asked_log(data: bytes) -> str | None:
    """The name of the log that a request is about, to take one request for a log at a time."""
    try:
        return read_add_checkpoint(data).checkpoint.head.origin
    except Malformed:
        return None


def _malformed(problem: str) -> Malformed:
    return Malformed("bad-request", problem)
