"""Query parameters as values, each refused by its name."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from alpine_service.errors import InvalidInput

E = TypeVar("E", bound=StrEnum)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 255


def text(request: web.Request, name: str) -> str | None:
    """Printable ASCII of bounded length, which is all that the log's words are made of."""
    value = request.query.get(name)
    if value is None:
        return None
    if not value or len(value) > _LONGEST or not (value.isascii() and value.isprintable()):
        raise InvalidInput(name, "it is no such word", f"give 1 to {_LONGEST} ASCII characters")
    return value


def choice(request: web.Request, name: str, kind: type[E]) -> E | None:
    """One of the words of an enumeration."""
    value = request.query.get(name)
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise InvalidInput(
            name, "there is no such choice", f"give one of {', '.join(kind)}"
        ) from None


def number(
    request: web.Request, name: str, least: int, most: int, default: int | None = None
) -> int | None:
    """A whole number within bounds, in decimal digits."""
    value = request.query.get(name)
    if value is None:
        return default
    fix = f"give a whole number from {least} to {most}"
    # Python reads more spellings of a number than are meant here.
    if not (value.isascii() and value.isdecimal()) or len(value) > len(str(most)):
        raise InvalidInput(name, "it is no such number", fix)
    if not least <= int(value) <= most:
        raise InvalidInput(name, "it is out of range", fix)
    return int(value)


def moment_us(request: web.Request, name: str) -> int | None:
    """A time of RFC 3339, in microseconds since 1970."""
    value = request.query.get(name)
    if value is None:
        return None
    fix = "give a time with its zone, such as 2026-03-02T12:00:00Z"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidInput(name, "it is not a time", fix) from None
    if moment.tzinfo is None or moment < _EPOCH:
        raise InvalidInput(name, "it is not a time with its zone", fix)
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
