"""Values to JSON and back, by their types; nothing unknown comes in and nothing unsaid goes out."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import orjson
from cattrs import Converter
from cattrs.errors import (
    BaseValidationError,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)

from alpine_service.api.shapes import require_shape
from alpine_service.errors import InvalidInput

T = TypeVar("T")

_FIX = "see the API's description"


def _strictly(kind: type[Any]) -> Any:
    def read(value: object, _: object) -> object:
        # A flag is an int to Python, and not to whoever reads the description.
        if type(value) is not kind:
            raise TypeError(f"it is not a {kind.__name__}")
        return value

    return read


def _read_choice(value: object, kind: type[StrEnum]) -> StrEnum:
    if type(value) is not str:
        raise TypeError("it is not a string")
    return kind(value)


def _read_time(value: object, _: object) -> datetime:
    if not isinstance(value, str):
        raise TypeError("it is not a time")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("it has no time zone")
    return moment.astimezone(UTC)


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool, float):
        converter.register_structure_hook(kind, _strictly(kind))
    # A choice is a string to Python as well, and any string would do if nobody looked.
    converter.register_structure_hook(StrEnum, _read_choice)
    converter.register_structure_hook(datetime, _read_time)
    converter.register_unstructure_hook(
        datetime, lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    )
    return converter


CONVERTER = _converter()


def read_body(raw: bytes, kind: type[T]) -> T:
    """A value of that class from JSON.

    Raises:
        InvalidInput: names the first member that is wrong, and never repeats its value.
    """
    try:
        plain = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("body", "it is not JSON", "send one JSON object") from error
    require_shape(plain, kind)
    try:
        return CONVERTER.structure(plain, kind)
    except (BaseValidationError, TypeError, ValueError, KeyError) as error:
        where, problem = _first(error, ())
        # From None, because the error below carries the value, which may be a secret.
        raise InvalidInput(".".join(where) or "body", problem, _FIX) from None


def write_body(value: Any) -> bytes:
    return orjson.dumps(CONVERTER.unstructure(value))


def _first(error: BaseException, where: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Where the first thing is wrong, and what; an error may hold others inside."""
    inside: list[tuple[BaseException, str]] = []
    if isinstance(error, ClassValidationError):
        named, others = error.group_exceptions()
        inside = [(inner, note.name) for inner, note in named]
        inside += [(inner, "") for inner in others]
    elif isinstance(error, IterableValidationError):
        placed, others = error.group_exceptions()
        inside = [(inner, str(place.index)) for inner, place in placed]
        inside += [(inner, "") for inner in others]
    for inner, name in inside:
        return _first(inner, (*where, name) if name else where)
    if isinstance(error, ForbiddenExtraKeysError):
        return (*where, min(error.extra_fields)[:80]), "there is no such member"
    if isinstance(error, InvalidInput):
        return (*where, error.field), error.problem
    return where, "it is missing" if isinstance(error, KeyError) else "it is not what is expected"
