"""What a log sends a witness: C2SP tlog-witness, the body of `POST /add-checkpoint`.

old <size of the checkpoint the witness cosigned last>
<base64 of a hash>, a line for each hash of the consistency proof
(empty line)
<the checkpoint, signed>
"""

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.decimal_line import read_number
from argo_core.ledger.merkle import HASH_BYTES
from argo_core.ledger.note import MAX_NOTE_BYTES
from argo_core.ledger.proof import Proof
from argo_core.ledger.strict_base64 import read_base64, write_base64

MAX_HASHES = 63
MAX_REQUEST_BYTES = 2 * MAX_NOTE_BYTES


@frozen
class AddCheckpoint:
    """By `proof` the tree of `checkpoint`, a signed note, only adds to that of `old_size`."""

    old_size: int
    proof: Proof
    checkpoint: bytes

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
    if len(lines) - 1 > MAX_HASHES:
        problem = f"it has {len(lines) - 1} hashes"
        raise InvalidInput("request", problem, f"send {MAX_HASHES} at most")
    proof = tuple(read_base64("proof", line) for line in lines[1:])
    if any(len(one) != HASH_BYTES for one in proof):
        raise InvalidInput("proof", "a line is no SHA-256", f"give {HASH_BYTES} bytes each")
    return AddCheckpoint(read_number("old", lines[0].removeprefix("old ")), proof, checkpoint)
