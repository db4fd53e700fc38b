"""Converters by which a value's line has all of its members, but for those that are None.

What was left out by mistake would otherwise be read as its default: a fill of nothing, say. They
read several times faster than cattrs does by itself, which asks again for every value what is known
of its type.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from argo_core.codec.exact import decimal, exact_converter, exactly, moment
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol

_FIX = "give what the same program wrote"
_KEPT = 10_000
_Numbers = Mapping[int, int]
_Texts = Mapping[str, str]


def whole_converter(*, blames: bool = False) -> cattrs.Converter:
    """A converter of these rules; one that `blames` is slow and says which member is at fault.

    A member that is missing is a `KeyError` of both.
    """
    converter = exact_converter(blames=blames)
    converter.register_unstructure_hook_factory(attrs.has, lambda kind: _writer(kind, converter))
    converter.register_structure_hook_factory(attrs.has, lambda kind: _reader(kind, converter))
    converter.register_structure_hook_factory(_is_optional, lambda kind: _maybe(kind, converter))
    for kind, read in ((Decimal, decimal), (datetime, moment), (Symbol, _symbol)):
        converter.register_structure_hook(kind, _remembered(read))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, _date)
    # Members of a JSON object have names, and numbers are none.
    converter.register_unstructure_hook_func(
        lambda kind: kind == _Numbers, lambda numbers: [list(pair) for pair in numbers.items()]
    )
    converter.register_structure_hook_func(lambda kind: kind == _Numbers, _numbers)
    converter.register_structure_hook_func(lambda kind: kind == _Texts, _texts)
    return converter


def _remembered(read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    # The same values come again and again, and none of them changes. What is refused is not kept;
    # and it is typed, because True is 1 to a dictionary.
    kept = lru_cache(_KEPT, typed=True)(read)
    return lambda value, _: kept(value)


def _symbol(text: Any) -> Symbol:
    return parse_symbol(text)


def _optional(shape: type[Any]) -> list[str]:
    return [one.name for one in attrs.fields(shape) if one.default is None]


def _writer(shape: type[Any], converter: cattrs.Converter) -> Callable[[Any], dict[str, Any]]:
    left_out: dict[str, Any] = {n: override(omit_if_default=True) for n in _optional(shape)}
    return make_dict_unstructure_fn(shape, converter, **left_out)


def _reader(shape: type[Any], converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    read = make_dict_structure_fn(shape, converter)
    names = [one.name for one in attrs.fields(shape)]
    needed = itemgetter(*(name for name in names if name not in _optional(shape)))

    def whole(members: Any, kind: Any) -> Any:
        needed(exactly(dict, members))
        return read(members, kind)

    return whole


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) is UnionType and len({*get_args(kind)} - {NoneType}) == 1


def _maybe(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    inner = next(one for one in get_args(kind) if one is not NoneType)
    read = converter.get_structure_hook(inner)

    def maybe(value: Any, _: Any) -> Any:
        return None if value is None else read(value, inner)

    return maybe


def _date(text: Any, _: object = None) -> date:
    day = date.fromisoformat(exactly(str, text))
    if day.isoformat() != text:
        raise InvalidInput("day", f"{text[:40]!r} is no day", "write it like 2024-11-25")
    return day


def _numbers(pairs: Any, _: object = None) -> _Numbers:
    found = {exactly(int, one): exactly(int, other) for one, other in exactly(list, pairs)}
    if len(found) != len(pairs):
        raise InvalidInput("numbers", "one of them is there twice", _FIX)
    return found


def _texts(members: Any, _: object = None) -> _Texts:
    for value in exactly(dict, members).values():
        exactly(str, value)
    return dict(members)


WHOLE = whole_converter()
"""Reads fast, and says only that something is wrong; it is never changed."""
BLAMING = whole_converter(blames=True)
"""Reads the same slowly, and says where."""
