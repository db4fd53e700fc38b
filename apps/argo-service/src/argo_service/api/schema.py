"""JSON Schemas made from the answers' types, which `codec.plain.to_plain` writes as JSON."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs

Schema = dict[str, Any]

_PLAIN: dict[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"},
    datetime: {"type": "string", "format": "date-time"},
    NoneType: {"type": "null"},
}
_REFERENCE = "#/components/schemas/"


def schema_of(kind: object, known: dict[str, Schema]) -> Schema:
    """The schema of `kind`; classes it needs are put into `known` under their names."""
    if isinstance(kind, NewType):
        return schema_of(kind.__supertype__, known)
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return {"anyOf": [schema_of(each, known) for each in inner]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(inner[0], known)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(inner[1], known)}
    if isinstance(kind, type):
        return _named(kind, known)
    raise TypeError(f"{kind!r} has no schema")


def _named(kind: type, known: dict[str, Schema]) -> Schema:
    name = kind.__name__.removesuffix("Body")
    if name not in known:
        known[name] = {}  # A class that mentions itself finds its name taken.
        known[name] = _enum(kind) if issubclass(kind, Enum) else _object(kind, known)
    elif known[name].get("description", getdoc(kind)) != getdoc(kind):
        raise TypeError(f"{kind!r} has the name of another schema")
    return {"$ref": _REFERENCE + name}


def _enum(kind: type[Enum]) -> Schema:
    values = [member.value for member in kind]
    return {"type": "string", "enum": values, "description": getdoc(kind)}


def _object(kind: type[Any], known: dict[str, Schema]) -> Schema:
    hints = get_type_hints(kind)
    fields = attrs.fields(kind)
    return {
        "type": "object",
        "description": getdoc(kind),
        "properties": {field.name: schema_of(hints[field.name], known) for field in fields},
        "required": [field.name for field in fields if field.default is attrs.NOTHING],
    }
