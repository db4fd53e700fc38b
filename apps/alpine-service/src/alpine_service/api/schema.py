"""JSON Schemas (2020-12) of the attrs classes that bodies are made of, as `codec` reads them."""

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from inspect import cleandoc
from typing import Any

import attrs

Schema = dict[str, Any]

_PLAIN: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
}
_LISTS = (list, tuple, Sequence, Iterable, frozenset, set)


class Schemas:
    """Gathers the named ones while others refer to them."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self._kinds: dict[str, type[Any]] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type: a reference, if it has a name."""
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if kind is types.NoneType:
            return {"type": "null"}
        if isinstance(kind, type) and issubclass(kind, Enum):
            # In its place, because short names such as State are many classes' own.
            return {"type": "string", "enum": [each.value for each in kind], **_described(kind)}
        if isinstance(kind, type) and attrs.has(kind):
            return self._refer(kind)
        return self._of_parts(typing.get_origin(kind), typing.get_args(kind), kind)

    def _of_parts(self, origin: Any, parts: tuple[Any, ...], kind: Any) -> Schema:
        if origin is typing.Literal:
            return {"enum": list(parts)}
        if origin is typing.Annotated:
            return self.of(parts[0])
        if origin in (typing.Union, types.UnionType):
            return _either([self.of(part) for part in parts])
        if origin in _LISTS:
            items = {"type": "array", "items": self.of(parts[0])}
            return items | ({"uniqueItems": True} if origin in (frozenset, set) else {})
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(parts[1])}
        raise TypeError(f"there is no schema for {kind!r}")

    def _refer(self, kind: type[Any]) -> Schema:
        name = kind.__name__
        if self._kinds.setdefault(name, kind) is not kind:
            raise TypeError(f"two bodies are called {name}")
        if name not in self.named:
            # Put there first, because it may contain itself.
            self.named[name] = {}
            self.named[name] = self._object(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, kind: type[Any]) -> Schema:
        hints = typing.get_type_hints(kind, include_extras=True)
        properties, needed = {}, []
        for each in attrs.fields(kind):
            schema = self.of(hints[each.name])
            meta = each.metadata
            schema |= meta.get("schema", {})
            if "meaning" in meta:
                schema["description"] = meta["meaning"]
            if "example" in meta:
                schema["examples"] = [meta["example"]]
            if each.default is attrs.NOTHING:
                needed.append(each.name)
            elif each.default is None or isinstance(each.default, str | int | float):
                schema["default"] = each.default
            properties[each.name] = schema
        return {
            "type": "object",
            **_described(kind),
            "properties": properties,
            "required": needed,
            "additionalProperties": False,
        }


def _described(kind: type[Any]) -> Schema:
    return {"description": cleandoc(kind.__doc__)} if kind.__doc__ else {}


def _either(schemas: list[Schema]) -> Schema:
    """Of plain types as one list of them, which reads better than a choice of schemas."""
    if all(set(each) == {"type"} for each in schemas):
        return {"type": [each["type"] for each in schemas]}
    return {"anyOf": schemas}
