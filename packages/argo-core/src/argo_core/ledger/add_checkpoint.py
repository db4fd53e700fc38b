"""What a log and a witness say to each other: C2SP tlog-witness, `POST /add-checkpoint`.

old <size of the checkpoint the witness cosigned last>
<base64 of a hash>, a line for each hash of the consistency proof
(empty line)
<the checkpoint, signed>

It answers with lines that cosign the checkpoint, or with the size it stands at.
"""

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.decimal_line import check_number, read_number
from argo_core.ledger.hash_lines import check_hashes, read_hashes
from argo_core.ledger.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    SignatureLine,
    parse_signature_line,
)
from argo_core.ledger.proof import Proof
from argo_core.ledger.strict_base64 import write_base64

MAX_REQUEST_BYTES = 2 * MAX_NOTE_BYTES
MAX_SIZE_BYTES = 20
"""The digits of 2^63 - 1 and a line feed."""


@frozen
class AddCheckpoint:
    """By `proof` the tree of `checkpoint`, a signed note, only adds to that of `old_size`."""

    old_size: int
    proof: Proof
    checkpoint: bytes

    def __attrs_post_init__(self) -> None:
        check_number("old", self.old_size)
        check_hashes(self.proof)

    def encode(self) -> bytes:
        """The request's body."""
        lines = [f"old {self.old_size}", *map(write_base64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """The request that a body spells; its checkpoint is not looked into.

    Raises:
        InvalidInput: it is too long, or a line is missing or malformed.
    """
    if len(data) > MAX_REQUEST_BYTES:
        problem = f"it has {len(data)} bytes"
        raise InvalidInput("request", problem, f"send {MAX_REQUEST_BYTES} at most")
    head, found, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise InvalidInput("request", "its head is not ASCII", "send digits and base64") from error
    if not found or not lines[0].startswith("old "):
        problem = "it does not begin with the old size"
        raise InvalidInput("request", problem, "send `old N`, a proof, an empty line, a checkpoint")
    old_size = read_number("old", lines[0].removeprefix("old "))
    return AddCheckpoint(old_size, read_hashes(lines[1:]), checkpoint)


def parse_cosignature_lines(body: bytes) -> tuple[SignatureLine, ...]:
    """The signature lines in a witness's answer with status 200; none of them is checked.

    Raises:
        InvalidInput: it is too long, a line is malformed, or there is none.
    """
    if len(body) > MAX_NOTE_BYTES:
        problem = f"it has {len(body)} bytes"
        raise InvalidInput("answer", problem, f"send {MAX_NOTE_BYTES} at most")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("answer", "it is not UTF-8", "send signature lines") from error
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) > MAX_SIGNATURES:
        problem = f"it has {len(lines)} lines, or the last one does not end"
        raise InvalidInput("answer", problem, f"send 1 to {MAX_SIGNATURES} signature lines")
    return tuple(map(parse_signature_line, lines))


def parse_size(body: bytes) -> int:
    """The size at which a witness stands, from its answer with status 409.

    Raises:
        InvalidInput: it is not a whole number and a line feed.
    """
    # Whatever is not ASCII becomes a character that is no digit.
    text = body[:MAX_SIZE_BYTES].decode("ascii", "replace")
    if not text.endswith("\n"):
        raise InvalidInput("size", f"{text[:40]!r} is no line", "send a number and a line feed")
    return read_number("size", text.removesuffix("\n"))
