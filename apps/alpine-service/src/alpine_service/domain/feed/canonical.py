"""Canonical bytes: the one spelling of a flat object, which is what is hashed, kept and sent."""

import re
from collections.abc import Mapping

import orjson

from alpine_service.errors import Malformed

Members = Mapping[str, str | int]

LARGEST_ENTRY = 65_535
"""Bytes that an entry has at most."""

LARGEST_INTEGER = 2**53 - 1

_SCALARS = {str, int}
_PRINTABLE = bytes(range(0x20, 0x7F))
_NAMES = re.compile("[a-z0-9_]*")


def decode(data: bytes) -> dict[str, str | int]:
    """The members of canonical bytes.

    The parser alone is more generous than the protocol, so the members are written again: what
    was doubled, unordered, spaced, or escaped without need does not come out as it went in.

    Raises:
        Malformed: the bytes are not the canonical ones of any flat object.
    """
    if len(data) > LARGEST_ENTRY:
        raise _malformed("it has too many bytes")
    # What is left when all that may occur is taken away, which is the fastest way to look.
    if data.translate(None, _PRINTABLE):
        raise _malformed("it is not printable ASCII")
    try:
        members = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _malformed("it is not JSON") from error
    if type(members) is not dict:
        raise _malformed("it is not an object")
    _refuse_other_values(members)
    if orjson.dumps(members, option=orjson.OPT_SORT_KEYS) != data:
        raise _malformed("it is not spelled canonically")
    # An escape that is needed for nothing printable survives being written again.
    if b"\\" in data and not "".join(_texts(members)).isprintable():
        raise _malformed("it has an escaped control character")
    return members


def encode(members: Members) -> bytes:
    """The canonical bytes of members.

    Raises:
        Malformed: the members have none.
    """
    _refuse_other_values(members)
    texts = "".join(_texts(members))
    if not (texts.isascii() and texts.isprintable()):
        raise _malformed("a text is not printable ASCII")
    data = orjson.dumps(dict(members), option=orjson.OPT_SORT_KEYS)
    if len(data) > LARGEST_ENTRY:
        raise _malformed("it has too many bytes")
    return data


def _refuse_other_values(members: Members) -> None:
    if not set(map(type, members.values())) <= _SCALARS:
        raise _malformed("a value is neither a text nor a whole number")
    numbers = [value for value in members.values() if type(value) is int]
    if numbers and (max(numbers) > LARGEST_INTEGER or min(numbers) < -LARGEST_INTEGER):
        raise _malformed("a number is too large")
    if "" in members or not _NAMES.fullmatch("".join(members)):
        raise _malformed("a key is not of a-z, 0-9 and _")


def _texts(members: Members) -> list[str]:
    return [value for value in members.values() if type(value) is str]


def _malformed(problem: str) -> Malformed:
    return Malformed("not-canonical", problem)
