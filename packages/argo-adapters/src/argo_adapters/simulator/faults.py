"""Every way a vendor can fail us, and how an honest answer is spoilt."""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

import orjson

from argo_adapters.simulator.wire import Reply

T = TypeVar("T")
Spoiler = Callable[[bytes, Iterator[float]], bytes]


class Fault(StrEnum):
    """What goes wrong; the groups are: transport, refusals, bodies, contents."""

    TIMEOUT = "timeout"
    DROPPED = "dropped"
    CUT = "cut"
    DRIP = "drip"
    HUGE = "huge"

    THROTTLED = "throttled"
    THROTTLED_RETRY_AFTER = "throttled_retry_after"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    WRONG_KEY = "wrong_key"
    NOT_ENTITLED = "not_entitled"
    OUT_OF_CREDIT = "out_of_credit"
    REFUSED_OK = "refused_ok"

    EMPTY = "empty"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    WRONG_TYPES = "wrong_types"
    DUPLICATE_KEYS = "duplicate_keys"
    NOT_A_NUMBER = "not_a_number"

    STALE = "stale"
    FUTURE = "future"
    OUT_OF_ORDER = "out_of_order"
    CROSSED = "crossed"
    UNKNOWN_SYMBOLS = "unknown_symbols"
    MISSING_SYMBOLS = "missing_symbols"


BAD_GATEWAY = Reply(
    502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", content_type="text/html"
)

# A member whose value is a number, bare or in a string; inside a model's text the quotes are
# escaped.
_NUMBER = re.compile(
    rb'(\\?"[^"\\]{1,40}\\?"):\s*(\\?")?(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?(2)\\?")'
)
_NOT_NUMBERS = (b"NaN", b"Infinity", b"-Infinity")


def _empty(body: bytes, chance: Iterator[float]) -> bytes:
    return b""


def _truncated(body: bytes, chance: Iterator[float]) -> bytes:
    return body[: int(len(body) * (0.1 + 0.8 * next(chance)))]


def _malformed(body: bytes, chance: Iterator[float]) -> bytes:
    return body.replace(b":", b"=", 1)


def _wrong_types(body: bytes, chance: Iterator[float]) -> bytes:
    return orjson.dumps(_other_type(orjson.loads(body)))


def _duplicate_keys(body: bytes, chance: Iterator[float]) -> bytes:
    return _NUMBER.sub(lambda found: found[1] + b":1," + found[0], body)


def _not_a_number(body: bytes, chance: Iterator[float]) -> bytes:
    def spoil(found: re.Match[bytes]) -> bytes:
        quote = found[2] or b""
        return found[1] + b":" + quote + _NOT_NUMBERS[int(next(chance) * 3)] + quote

    return _NUMBER.sub(spoil, body)


def _out_of_order(body: bytes, chance: Iterator[float]) -> bytes:
    return orjson.dumps(_turned(orjson.loads(body), chance))


SPOILERS: Mapping[Fault, Spoiler] = {
    Fault.EMPTY: _empty,
    Fault.TRUNCATED: _truncated,
    Fault.MALFORMED: _malformed,
    Fault.WRONG_TYPES: _wrong_types,
    Fault.DUPLICATE_KEYS: _duplicate_keys,
    Fault.NOT_A_NUMBER: _not_a_number,
    Fault.OUT_OF_ORDER: _out_of_order,
}


def renamed(body: bytes, old: str, new: str) -> bytes:
    """The body with one name in place of another, wherever it stands alone in quotes."""
    for quote in (b'"', b'\\"'):
        body = body.replace(quote + old.encode() + quote, quote + new.encode() + quote)
    return body


def _other_type(value: object) -> object:
    match value:
        case dict():
            return {key: _other_type(each) for key, each in value.items()}
        case list():
            return {str(place): _other_type(each) for place, each in enumerate(value)}
        case str():
            return [value]
        case None | bool():
            return value
        case _:
            return "a word"


def _turned(value: object, chance: Iterator[float]) -> object:
    match value:
        case dict():
            pairs = [(key, _turned(each, chance)) for key, each in value.items()]
            return dict(_rotated(pairs, chance))
        case list():
            return _rotated([_turned(each, chance) for each in value], chance)
        case _:
            return value


def _rotated(rows: list[T], chance: Iterator[float]) -> list[T]:
    # Turned by at least one place, so that two rows or more are never in their old order.
    cut = 1 + int(next(chance) * (len(rows) - 1))
    return rows[cut:] + rows[:cut]
