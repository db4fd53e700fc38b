"""Which member of a value it was that could not be written or read."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import cattrs
import orjson
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)

LONGEST = 200
"""So much of a problem is told."""


def written_culprit(where: str, value: Any, converter: cattrs.Converter) -> str:
    """`where`, and the way from there to the innermost member that cannot be written."""
    for name, part, kind in _parts(value):
        if not _is_writable(part, kind, converter):
            return written_culprit(f"{where}{name}", part, converter)
    return where


def read_culprit(
    where: str, members: Mapping[str, Any], shape: type[Any], converter: cattrs.Converter
) -> tuple[str, str]:
    """`where`, and the way from there to what a converter that blames refuses; and why."""
    try:
        converter.structure(members, shape)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked for
        return _innermost(where, error)
    return where, "it is refused"


def _parts(value: Any) -> list[tuple[str, Any, Any]]:
    """The way to each part, the part, and what it is declared as."""
    if attrs.has(type(value)):
        members = attrs.fields(type(value))
        return [(f".{one.name}", getattr(value, one.name), one.type) for one in members]
    if isinstance(value, Mapping):
        return [(f"[{name!r}]", part, None) for name, part in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(f"[{place}]", part, None) for place, part in enumerate(value)]
    return []


def _is_writable(part: Any, kind: Any, converter: cattrs.Converter) -> bool:
    try:
        orjson.dumps(converter.unstructure(part, kind))
    except Exception:  # noqa: BLE001 - whatever it is, it cannot be written
        return False
    return True


def _innermost(where: str, error: BaseException) -> tuple[str, str]:
    while isinstance(error, ClassValidationError | IterableValidationError):
        noted, others = error.group_exceptions()
        if not noted:
            error = others[0]
            continue
        error, note = noted[0]
        where += (
            f".{note.name}" if isinstance(note, AttributeValidationNote) else f"[{note.index!r}]"
        )
    if isinstance(error, ForbiddenExtraKeysError):
        return f"{where}.{min(error.extra_fields)}"[:LONGEST], "it is unknown"
    if isinstance(error, KeyError):
        return f"{where}.{error.args[0]}", "it is missing"
    return where, f"{type(error).__name__}: {error}"[:LONGEST]
