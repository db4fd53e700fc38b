"""Forms as browsers send them, read as strictly as the API's bodies."""

from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from aiohttp import web
from attrs import NOTHING, fields, frozen

from alpine_service.errors import InvalidInput

T = TypeVar("T")
_MOST_FIELDS = 100
# What a browser sends of a box that is ticked.
TICKED = "on"


@frozen
class Pressed:
    """A form that is a button, and sends nothing."""


async def read_form(request: web.Request, kind: type[T]) -> T:
    """The form as a value of that attrs class, whose fields are its fields.

    A `str` is taken as it is, a `str | None` is None when it is empty, a `bool` is a box, and a
    `tuple[str, ...]` is a field that may come many times. A field that is missing and has no
    default is refused, and so is one that is not known, or comes twice.

    Raises:
        InvalidInput: with the field's name; its value is not repeated.
    """
    given = _pairs(await request.read())
    types = get_type_hints(kind)
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(given.keys() - known):
        raise InvalidInput(unknown[0][:80], "there is no such field", "use the form as it is")
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        texts = given.get(each.name)
        if texts is None and each.default is not NOTHING:
            continue
        values[each.name] = _value(each.name, texts, types[each.name])
    return kind(**values)


def _pairs(body: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise InvalidInput("form", "it is not as browsers send it", "use the form") from error
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


def _value(name: str, texts: list[str] | None, wanted: Any) -> object:
    if get_origin(wanted) is tuple:
        return tuple(texts or ())
    if wanted is bool:
        if texts not in (None, [TICKED]):
            raise InvalidInput(name, "it is neither ticked nor not", "use the form as it is")
        return texts is not None
    if texts is None:
        raise InvalidInput(name, "it is missing", "fill it in")
    if len(texts) > 1:
        raise InvalidInput(name, "it is there more than once", "give it once")
    text = texts[0]
    # A line feed in a field is the only character beside printable ones that people mean.
    if not all(each.isprintable() or each in "\r\n" for each in text):
        raise InvalidInput(name, "it has a character that cannot be shown", "leave it out")
    if isinstance(wanted, UnionType) and type(None) in get_args(wanted) and not text:
        return None
    return text
