"""Checkpoints, after C2SP tlog-checkpoint: what a log says it consists of, signed."""

from attrs import field, frozen

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.note import Note, read_note
from alpine_service.domain.feed.number import read_number
from alpine_service.domain.feed.tree import EMPTY_ROOT, HASH_BYTES
from alpine_service.domain.feed.verifier_key import SIGNATURE_BYTES, VerifierKey, Verify, is_name
from alpine_service.errors import Malformed, Refuted

_LINES = ("the log's name", "the size", "the root", "nothing, behind the last line feed")


@frozen
class Head:
    """A log's name, how many entries it has, and the root of the tree over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What a log signs and witnesses cosign."""
        return f"{self.origin}\n{self.size}\n{base64_strict.encode(self.root)}\n"


@frozen
class Checkpoint:
    """A head, and the note in which it came. Nothing is said about its signatures."""

    head: Head
    note: Note = field(repr=False)
    data: bytes = field(repr=False)


def read_checkpoint(data: bytes) -> Checkpoint:
    """A checkpoint of any log, its signatures unverified.

    Raises:
        Malformed: the bytes are none.
    """
    note = read_note(data)
    return Checkpoint(read_head(note.text), note, data)


def read_head(text: str) -> Head:
    """The head that a note's text is.

    Raises:
        Malformed: it has not exactly the three lines, or they are not right.
    """
    lines = text.split("\n")
    if len(lines) != len(_LINES) or not is_name(lines[0]):
        raise Malformed("bad-checkpoint", "it is not a name, a size and a root, a line each")
    size, root = read_number(lines[1]), base64_strict.decode(lines[2], size=HASH_BYTES)
    if size == 0 and root != EMPTY_ROOT:
        raise Malformed("bad-checkpoint", "an empty log has another root")
    return Head(lines[0], size, root)


def require_signed(checkpoint: Checkpoint, key: VerifierKey, verify: Verify) -> None:
    """Require that a checkpoint is the log's to whom the key belongs.

    Raises:
        Refuted: it names another log, no line is by the key, or not every one that is verifies.
    """
    if checkpoint.head.origin != key.name:
        raise Refuted("another-log", "the checkpoint is of another log")
    lines = list(checkpoint.note.by(key))
    if not lines:
        raise Refuted("unsigned", "no line of the checkpoint is by the log's key")
    message = checkpoint.note.text.encode("utf-8")
    for line in lines:
        if len(line.signature) != SIGNATURE_BYTES or not verify(
            key.public_key, message, line.signature
        ):
            raise Refuted("bad-signature", "a signature by the log's key does not verify")
