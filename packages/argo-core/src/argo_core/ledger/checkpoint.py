"""A tree's head as text: C2SP tlog-checkpoint, without extension lines, which nobody could audit.

<origin>
<size>
<base64 of the root>
"""

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.decimal_line import check_number, read_number
from argo_core.ledger.merkle import EMPTY_ROOT, HASH_BYTES
from argo_core.ledger.note import Note, Sign, Verify, is_signed, parse_note, sign_text
from argo_core.ledger.strict_base64 import read_base64, write_base64
from argo_core.ledger.verifier_key import VerifierKey

_LINES = 4


@frozen
class Checkpoint:
    """The log named `origin` had `size` entries and this RFC 6962 `root`."""

    origin: str
    size: int
    root: bytes

    def __attrs_post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise InvalidInput("origin", "it is empty, or no line", "give the log's name")
        check_number("size", self.size)
        if len(self.root) != HASH_BYTES:
            raise InvalidInput("root", f"it has {len(self.root)} bytes", f"give {HASH_BYTES}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidInput("root", "a tree of nothing has another", "give SHA-256 of nothing")

    @property
    def text(self) -> str:
        """What is signed, and what cosignatures sign after two lines of their own."""
        return f"{self.origin}\n{self.size}\n{write_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text spells.

    Raises:
        InvalidInput: it has more or fewer than three lines, or one of them is malformed.
    """
    lines = text.split("\n")
    if len(lines) != _LINES or lines[-1]:
        problem = f"it has {len(lines) - 1} lines"
        raise InvalidInput("checkpoint", problem, "give origin, size and root, a line each")
    origin, size, root = lines[:-1]
    return Checkpoint(origin, read_number("size", size), read_base64("root", root))


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> Note:
    """The checkpoint as a note with one signature."""
    return Note(checkpoint.text, (sign_text(checkpoint.text, key, sign),))


def open_checkpoint(data: bytes, key: VerifierKey, verify: Verify) -> tuple[Checkpoint, Note]:
    """The checkpoint in a note that this key signed, whose name is the log's origin.

    Raises:
        InvalidInput: it is malformed, of another origin, or not signed by the key.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != key.name:
        problem = f"it is of {checkpoint.origin[:60]}, the key is {key.name[:60]}'s"
        raise InvalidInput("checkpoint", problem, "pin the key of this log")
    if not is_signed(note, key, verify):
        problem = f"no good signature by {key.name[:60]}+{key.key_id.hex()}"
        raise InvalidInput("checkpoint", problem, "do not trust it; ask for it again elsewhere")
    return checkpoint, note
