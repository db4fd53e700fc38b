"""Signed notes: a text and lines that sign it, after C2SP signed-note.

text, each line ended by a line feed
(empty line)
— <name> <base64 of key id || signature>
"""

from collections.abc import Callable
from typing import TypeAlias

from attrs import evolve, frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.strict_base64 import read_base64, write_base64
from argo_core.ledger.verifier_key import VerifierKey

MAX_NOTE_BYTES = 131_072
"""Sixteen signatures fit, even if others sign with keys of a kind that makes 5 kB each."""

MAX_SIGNATURES = 16
KEY_ID_BYTES = 4
_DASH = "\u2014 "

Verify: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Whether (public key, message, signature) belong together; never raises."""

Sign: TypeAlias = Callable[[bytes], bytes]
"""The signature of a message."""


@frozen
class SignatureLine:
    """One line under a note: who signed, the hint to the key, and what the algorithm made.

    Others name their keys as they like, so a name is any text without spaces, plus signs and
    control characters; the names of keys that we know are narrower.
    """

    name: str
    key_id: bytes
    payload: bytes

    def __attrs_post_init__(self) -> None:
        spaced = any(map(str.isspace, self.name))
        if not self.name or spaced or "+" in self.name or not _is_plain(self.name):
            problem = f"{self.name[:60]!r} cannot name a key"
            raise InvalidInput("signature", problem, "use a name without spaces and +")
        if len(self.key_id) != KEY_ID_BYTES or not self.payload:
            problem = f"it has {len(self.key_id)} bytes of key id and {len(self.payload)} more"
            raise InvalidInput("signature", problem, "give 4 bytes of key id and a signature")

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {write_base64(self.key_id + self.payload)}"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it says to be this key's; whether it is, only the signature tells."""
        return (self.name, self.key_id) == (key.name, key.key_id)


@frozen
class Note:
    """`text` ends with a line feed. What `signatures` are worth is for `verify` to say."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __attrs_post_init__(self) -> None:
        if not self.text.endswith("\n") or not _is_plain(self.text):
            problem = "it has control characters, or no line feed at its end"
            raise InvalidInput("note", problem, "give lines ended by a line feed each")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            problem = f"{len(self.signatures)} signature lines"
            raise InvalidInput("note", problem, f"give 1 to {MAX_SIGNATURES}")

    def encode(self) -> bytes:
        """The note's bytes."""
        lines = "".join(f"{line}\n" for line in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def with_lines(self, *lines: SignatureLine) -> "Note":
        """The same note, signed by others as well; who signed already is not added again.

        Raises:
            InvalidInput: it would have too many signatures.
        """
        signers = {(line.name, line.key_id) for line in self.signatures}
        new: list[SignatureLine] = []
        for line in lines:
            if (line.name, line.key_id) not in signers:
                signers.add((line.name, line.key_id))
                new.append(line)
        return evolve(self, signatures=(*self.signatures, *new))


def parse_note(data: bytes) -> Note:
    """The note that these bytes spell, and `encode` gives back.

    Raises:
        InvalidInput: it is too long, not UTF-8, or not a text with signature lines under it.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise InvalidInput("note", f"it has {len(data)} bytes", f"keep it within {MAX_NOTE_BYTES}")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "note", f"it is not UTF-8: {error.reason}", "send it as UTF-8"
        ) from error
    text, found, under = whole.rpartition("\n\n")
    if not found or not under.endswith("\n"):
        problem = "there is no empty line with signature lines under it"
        raise InvalidInput("note", problem, "end the text with an empty line, then the signatures")
    lines = under.removesuffix("\n").split("\n")
    return Note(text + "\n", tuple(map(parse_signature_line, lines)))


def parse_signature_line(line: str) -> SignatureLine:
    """The signature that a line, without its line feed, spells.

    Raises:
        InvalidInput: it does not look like `— name base64`, or is too short to be one.
    """
    name, found, material = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not found:
        problem = f"{line[:40]!r} is no signature line"
        raise InvalidInput("signature", problem, "write it as an em dash, a name and base64")
    signature = read_base64("signature", material)
    return SignatureLine(name, signature[:KEY_ID_BYTES], signature[KEY_ID_BYTES:])


def sign_text(text: str, key: VerifierKey, sign: Sign) -> SignatureLine:
    """The line by which an Ed25519 key signs a note's text."""
    return SignatureLine(key.name, key.key_id, sign(text.encode()))


def is_signed(note: Note, key: VerifierKey, verify: Verify) -> bool:
    """Whether a line of the note is this Ed25519 key's and its signature is good.

    A line that says to be this key's and is bad spoils the note, whatever the others are: it was
    put there by somebody who wants it to be taken for good.
    """
    mine = [line for line in note.signatures if line.is_by(key)]
    message = note.text.encode()
    return bool(mine) and all(verify(key.public_key, message, line.payload) for line in mine)


def _is_plain(text: str) -> bool:
    """No control characters but line feeds: carriage returns would make two notes of one."""
    return all(one >= " " or one == "\n" for one in text)
