"""JSON as RFC 8259 means it, for bodies nobody should trust.

Python's own parser takes NaN, keeps the last of two equal keys, turns 1e999 into infinity and
accepts half a surrogate pair. An attacker, or a broken vendor, can hide a price in each of them.
The strictness costs: a whole-market snapshot of 5.8 MB takes two to three times as long as with
orjson, which has no way to see duplicate keys (`benchmarks/strict_json.py`). Parse such a body in
a thread.
"""

import json
import math
import re
from typing import NoReturn

MAX_DEPTH = 64

_BRACKETS = b'[]{}"'
_SQUARE = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STRING = re.compile(rb'"[^"]*"')
_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
_DIGITS = b"0" * 300
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJsonError(ValueError):
    """The bytes are not JSON we accept; the text says why, and never quotes the body at length."""


def parse(body: bytes) -> object:
    """The value of a JSON text: dict, list, str, int, finite float, bool or None.

    Raises:
        StrictJsonError: invalid UTF-8, malformed, trailing data, a duplicate key, NaN, an infinity,
            a number too large for a double, half a surrogate pair, or nesting past `MAX_DEPTH`.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"invalid UTF-8 at byte {error.start}") from None
    if not _shallow(body):
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


def _shallow(body: bytes) -> bool:
    """Whether brackets nest at most `MAX_DEPTH` deep, found before any recursion.

    Only brackets and quotes are kept. Dropping two neighbouring quotes leaves every other byte
    inside or outside a string as it was. What remains outside loses its innermost pairs each round.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    skeleton = body.translate(_SQUARE, _OTHERS).replace(b'""', b"")
    if b'"' in skeleton:
        skeleton = _STRING.sub(b"", skeleton)
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
