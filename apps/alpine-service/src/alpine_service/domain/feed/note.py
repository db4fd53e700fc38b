"""Signed notes, after C2SP signed-note: a text, an empty line, and lines of signatures."""

import re
from collections.abc import Iterator

from attrs import frozen

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.verifier_key import ID_BYTES, VerifierKey
from alpine_service.errors import Malformed

LARGEST_NOTE = 131_072
"""Bytes that a note has at most."""

LARGEST_COUNT = 16
"""Signature lines that a note has at most."""

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


@frozen
class SignatureLine:
    """What a line claims: that a key of this name and id signed so."""

    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it claims to be by the key; only its signature can tell whether it is."""
        return self.name == key.name and self.key_id == key.id


@frozen
class Note:
    """A text of whole lines, and the signature lines below it."""

    text: str
    lines: tuple[SignatureLine, ...]

    def by(self, key: VerifierKey) -> Iterator[SignatureLine]:
        """The lines that claim to be by a key."""
        return (line for line in self.lines if line.is_by(key))


def read_note(data: bytes) -> Note:
    """The note that the bytes are.

    Raises:
        Malformed: they are none.
    """
    text, separator, below = _characters(data).rpartition("\n\n")
    if not separator:
        raise _malformed("it has no empty line before the signatures")
    return Note(text + "\n", read_lines(below))


def read_lines(text: str) -> tuple[SignatureLine, ...]:
    """One to sixteen signature lines, each ended by a line feed.

    Raises:
        Malformed: they are not that.
    """
    lines = text.split("\n")
    if lines.pop():
        raise _malformed("there is no line feed at its end")
    if not 1 <= len(lines) <= LARGEST_COUNT:
        raise _malformed(f"it has not 1 to {LARGEST_COUNT} signature lines")
    return tuple(_read_line(line) for line in lines)


def write_line(key: VerifierKey, signature: bytes) -> str:
    """A signature line by a key, with its line feed."""
    return f"— {key.name} {base64_strict.encode(key.id + signature)}\n"


def _characters(data: bytes) -> str:
    if len(data) > LARGEST_NOTE:
        raise _malformed("it has too many bytes")
    try:
        characters = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("it is not UTF-8") from error
    if _CONTROL.search(characters):
        raise _malformed("it has a control character")
    return characters


def _read_line(line: str) -> SignatureLine:
    found = _LINE.fullmatch(line)
    if found is None:
        raise _malformed("a signature line has not dash, name and signature")
    payload = base64_strict.decode(found[2])
    if len(payload) <= ID_BYTES:
        raise _malformed("a signature line has no signature")
    return SignatureLine(found[1], payload[:ID_BYTES], payload[ID_BYTES:])


def _malformed(problem: str) -> Malformed:
    return Malformed("bad-note", problem)
