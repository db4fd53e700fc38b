"""JSON as RFC 8259 means it, for bodies nobody should trust.

Python's own parser takes NaN, keeps the last of two equal keys, turns 1e999 into infinity and
accepts half a surrogate pair. An attacker, or a broken vendor, can hide a price in each of them.
orjson takes none of these but the second, and not that either if as many members come out as went
in: that is the way of nearly every body. Whatever is not plain, and whatever orjson refuses, goes
through Python's parser, which is several times slower and says what is wrong
(`benchmarks/strict_json.py`). Parse megabytes in a thread.
"""

import json
import math
import re
from collections.abc import Iterable
from typing import NoReturn

import orjson

MAX_DEPTH = 64

_NOT_PLAIN = object()
_HOLLOW = {dict, list}

_BRACKETS = b'[]{}":'
_SQUARE = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STRING = re.compile(rb'"[^"]*"')
_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
_DIGITS = b"0" * 300
# 64 bits hold every whole number of fewer digits, and what they do not hold orjson makes a float.
_LONG = b"0" * 20
_LONG_AND_NEGATIVE = b"-" + b"0" * 19
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJsonError(ValueError):
    """The bytes are not JSON we accept; the text says why, and never quotes the body at length."""


def parse(body: bytes) -> object:
    """The value of a JSON text: dict, list, str, int, finite float, bool or None.

    Raises:
        StrictJsonError: invalid UTF-8, malformed, trailing data, a duplicate key, NaN, an infinity,
            a number too large for a double, half a surrogate pair, or nesting past `MAX_DEPTH`.
    """
    skeleton = _skeleton(body)
    if _shallow(skeleton):
        value = _plain(body, skeleton.count(b":"))
        if value is not _NOT_PLAIN:
            return value
    return _slowly(body, skeleton)


def _plain(body: bytes, members: int) -> object:
    """The value of a body that hides nothing, as most do, or `_NOT_PLAIN`.

    `members` is how many its objects have together, as written.
    """
    alike = body.translate(_ALIKE)
    if _LONG in alike or _LONG_AND_NEGATIVE in alike or _SURROGATE.search(body):
        return _NOT_PLAIN
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NOT_PLAIN
    return value if _members(value) == members else _NOT_PLAIN


def _members(value: object) -> int:
    """How many members all objects in it have together."""
    found = 0
    todo = [value]
    for outer in todo:
        if type(outer) is dict:
            found += len(outer)
            inner: Iterable[object] = outer.values()
        elif type(outer) is list:
            inner = outer
        else:
            continue
        # Most of what is inside has nothing inside itself.
        todo += [one for one in inner if type(one) in _HOLLOW]
    return found


def _slowly(body: bytes, skeleton: bytes) -> object:
    """What `parse` promises, by Python's own parser."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"invalid UTF-8 at byte {error.start}") from None
    if not _shallow(skeleton):
        raise StrictJsonError(f"nested deeper than {MAX_DEPTH} levels")
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite if _may_overflow(body) else None,
        )
    except StrictJsonError:
        raise
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"{error.msg} at character {error.pos} of {len(text)}") from None
    except ValueError:
        # Python limits how many digits it turns into an integer; nothing else is left to fail.
        raise StrictJsonError("a number has too many digits") from None
    if _SURROGATE.search(body):
        _refuse_half_characters(value)
    return value


def _skeleton(body: bytes) -> bytes:
    """Brackets and colons outside of strings, and nothing else.

    Only those and quotes are kept. Dropping two neighbouring quotes leaves every other byte inside
    or outside a string as it was.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    skeleton = body.translate(_SQUARE, _OTHERS).replace(b'""', b"")
    return _STRING.sub(b"", skeleton) if b'"' in skeleton else skeleton


def _shallow(skeleton: bytes) -> bool:
    """Whether brackets nest at most `MAX_DEPTH` deep, found before any recursion.

    What the skeleton holds loses its innermost pairs each round.
    """
    skeleton = skeleton.translate(None, b":")
    for _ in range(MAX_DEPTH):
        if not skeleton:
            return True
        skeleton = skeleton.replace(b"[]", b"")
    # An unbalanced text is the parser's to refuse, as long as it cannot be deep.
    return b"[]" not in skeleton and skeleton.count(b"[") <= MAX_DEPTH


def _may_overflow(body: bytes) -> bool:
    """Whether a number could be too large for a double: with an exponent, or with 300 digits.

    Checking each number would take a third longer, and hardly any body has such a one.
    """
    alike = body.translate(_ALIKE)
    return b"0e" in alike or _DIGITS in alike


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise StrictJsonError(f"the key {key[:40]!a} is there twice")
            seen.add(key)
    return value


def _no_constant(word: str) -> NoReturn:
    raise StrictJsonError(f"{word} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise StrictJsonError(f"the number {digits[:40]} is too large")
    return value


def _refuse_half_characters(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise StrictJsonError("half a surrogate pair") from None
