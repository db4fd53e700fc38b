"""Objects are objects and lists are lists: to Python a string is a list of letters as well."""

import typing
from collections.abc import Sequence
from typing import Any

from attrs import fields_dict, has, resolve_types

from alpine_service.errors import InvalidInput

_FIX = "see the API's description"
_LISTS = (list, tuple, set, frozenset, Sequence)


def require_shape(plain: object, kind: Any, where: tuple[str, ...] = ()) -> None:
    """Compare JSON with what a type asks for, as far as objects and lists go.

    Raises:
        InvalidInput: names the first member that is another thing.
    """
    if has(kind):
        _require(isinstance(plain, dict), where, "it is not an object")
        members = typing.cast("dict[str, object]", plain)
        for name, field in fields_dict(resolve_types(kind)).items():
            if name in members:
                require_shape(members[name], field.type, (*where, name))
        return
    parts = typing.get_args(kind)
    if typing.get_origin(kind) in _LISTS:
        _require(isinstance(plain, list), where, "it is not a list")
        for place, each in enumerate(typing.cast("list[object]", plain)):
            require_shape(each, parts[0], (*where, str(place)))
    elif plain is not None and type(None) in parts:
        # Of what may be absent only one thing can be there.
        require_shape(plain, next(part for part in parts if part is not type(None)), where)


def _require(holds: bool, where: tuple[str, ...], problem: str) -> None:
    if not holds:
        raise InvalidInput(".".join(where) or "body", problem, _FIX)
