"""A request's body as a JSON object: what is malformed, doubled or unknown is refused."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from aiohttp import web

from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_core.errors import InvalidInput
from argo_service.api.errors import Unreadable

JSON: Final = "application/json"
_BODY: Final = "body"


async def read_object(
    request: web.Request, fix: str = "send a JSON object"
) -> Mapping[str, object]:
    """The body as an object of anything.

    Only a declared JSON is read. A page on the web can have a browser send other types anywhere
    without asking first, and so could halt or flatten what is open on this machine.

    Raises:
        Unreadable: it is not declared as JSON.
        InvalidInput: it is no JSON object, or a member is doubled.
        HTTPRequestEntityTooLarge: it is larger than we read.
    """
    charset = (request.charset or "utf-8").lower()
    if request.content_type != JSON or charset not in {"utf-8", "utf8"}:
        raise Unreadable(f"send the body as {JSON} in UTF-8")
    try:
        value = parse(await request.read())
    except StrictJsonError as error:
        raise InvalidInput(_BODY, f"it is not JSON: {error}", fix) from error
    if not isinstance(value, dict):
        raise InvalidInput(_BODY, "it is no JSON object", fix)
    return value


async def read_texts(request: web.Request, taken: Mapping[str, bool]) -> Mapping[str, str]:
    """The members of the body; `taken` says which there may be, and whether they are needed.

    Raises:
        Unreadable: it is not declared as JSON.
        InvalidInput: it is no JSON object, or a member is unknown, missing, doubled or no text.
        HTTPRequestEntityTooLarge: it is larger than we read.
    """
    fix = "send a JSON object such as " + _example(taken)
    value = await read_object(request, fix)
    for name in value:
        if name not in taken:
            close = get_close_matches(name, taken, n=1)
            better = f"did you mean {close[0]}?" if close else f"give {', '.join(taken)}"
            raise InvalidInput(name[:40], "there is no such member", better)
    for name, needed in taken.items():
        if needed and name not in value:
            raise InvalidInput(name, "it is missing", fix)
    # What need not be there may be null as well.
    given = {name: one for name, one in value.items() if taken[name] or one is not None}
    texts = {name: one for name, one in given.items() if isinstance(one, str)}
    for name in given:
        if name not in texts:
            raise InvalidInput(name, "it is no text", fix)
    return texts


def _example(taken: Mapping[str, bool]) -> str:
    return "{" + ", ".join(f'"{name}": "..."' for name, needed in taken.items() if needed) + "}"
