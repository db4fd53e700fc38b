"""Values as JSON-ready data that reads back as exactly the same values, or not at all.

Moments are whole microseconds since 1970, decimals text; a float is one that JSON has a number for.
Bytes are text as well: "text," and what they spell in UTF-8, which packs well, or else "base64,"
and that. Nothing is coerced on the way back: what only resembles a value is refused.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from functools import cache
from typing import Any, TypeVar

import cattrs

from argo_core.consensus.opinion import finite
from argo_core.errors import InvalidInput
from argo_core.ledger.strict_base64 import read_base64, write_base64
from argo_core.market.instrument import Symbol, parse_symbol
from argo_core.market.moment import aware, from_micros, to_micros

V = TypeVar("V")

_TEXT, _BASE64 = "text,", "base64,"
_FIX = "give what the same program wrote"


def exactly(kind: type[V], value: Any) -> V:
    """`value`, refused unless it is of that very type.

    Raises:
        InvalidInput: it is not.
    """
    # True is an int to Python, and no number to us.
    if type(value) is not kind:
        raise InvalidInput("value", f"{str(value)[:40]!r} is no {kind.__name__}", _FIX)
    return value


def moment(micros: Any, _: object = None) -> datetime:
    """The moment that many whole microseconds after 1970.

    Raises:
        InvalidInput: it is no whole number, or no moment that data can have.
    """
    whole = exactly(int, micros)
    try:
        return aware("moment", from_micros(whole))
    except OverflowError as error:
        raise InvalidInput("moment", f"{whole} is out of range", _FIX) from error


def decimal(text: Any, _: object = None) -> Decimal:
    """The decimal that a text spells, with its digits.

    Raises:
        InvalidInput: it is no text, no decimal, or not finite.
    """
    try:
        value = Decimal(text if type(text) is str else exactly(str, text))
    except InvalidOperation as error:
        raise InvalidInput("value", f"{text[:40]!r} is no decimal", _FIX) from error
    return value if value.is_finite() else _finite(value)


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise InvalidInput("number", f"{value} is not finite", "give a finite number")
    return value


def _number(value: Any, _: object = None) -> float:
    # JSON has one kind of number, and another writer may spell 1.0 as 1.
    return finite("number", float(value if type(value) is int else exactly(float, value)))


def _from_bytes(data: bytes) -> str:
    try:
        return _TEXT + data.decode()
    except UnicodeDecodeError:
        return _BASE64 + write_base64(data)


def _to_bytes(value: Any, _: object = None) -> bytes:
    text = exactly(str, value)
    if text.startswith(_TEXT):
        # What JSON brings has no lone surrogates.
        return text.removeprefix(_TEXT).encode()
    if text.startswith(_BASE64):
        return read_base64("bytes", text.removeprefix(_BASE64))
    raise InvalidInput("bytes", f"{text[:40]!r} is neither text nor base64", _FIX)


def _itself(kind: type[V]) -> Callable[[Any, Any], V]:
    def itself(value: Any, _: Any) -> V:
        return value if type(value) is kind else exactly(kind, value)

    return itself


@cache
def _members(kind: type[Enum]) -> Mapping[str, Enum]:
    return {one.value: one for one in kind}


def _member(value: Any, kind: type[Enum]) -> Enum:
    # Looking a member up costs a third of what asking the class for it does.
    found = _members(kind).get(exactly(str, value))
    return kind(value) if found is None else found


def exact_converter(*, blames: bool = False) -> cattrs.Converter:
    """A converter of these rules; one that `blames` is slower and names each member at fault."""
    converter = cattrs.Converter(
        detailed_validation=blames,
        forbid_extra_keys=True,
        unstruct_collection_overrides={tuple: list},
    )
    converter.register_unstructure_hook(Decimal, lambda value: str(_finite(value)))
    converter.register_unstructure_hook(datetime, lambda value: to_micros(aware("moment", value)))
    # A float may have been given as a whole number, and is to be read back as a float.
    converter.register_unstructure_hook(float, lambda value: finite("number", float(value)))
    converter.register_unstructure_hook(bytes, _from_bytes)
    converter.register_structure_hook(Decimal, decimal)
    converter.register_structure_hook(datetime, moment)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(bytes, _to_bytes)
    for scalar in (int, str, bool):
        converter.register_structure_hook(scalar, _itself(scalar))
    for enum in (Enum, StrEnum):
        converter.register_structure_hook(enum, _member)
    converter.register_structure_hook(Symbol, lambda value, _: parse_symbol(value))
    return converter


EXACT = exact_converter()
"""Shared by everything that keeps values to read them back; it is never changed."""
