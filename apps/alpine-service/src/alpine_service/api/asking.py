"""What a handler asks of its request, and how it answers: strict in, plain out."""

from typing import Any, TypeVar

from aiohttp import web

from alpine_service.api.codec import read_body, write_body
from alpine_service.domain.accounts.principal import Principal
from alpine_service.errors import NotSignedIn

T = TypeVar("T")

PRINCIPAL = web.RequestKey("principal", Principal)


def principal(request: web.Request) -> Principal:
    """Who asks; behind a door that is not open there is always somebody."""
    found: Principal | None = request.get(PRINCIPAL)
    if found is None:
        raise NotSignedIn
    return found


async def body(request: web.Request, kind: type[T]) -> T:
    """The request's body as a value of that attrs class; unknown members are refused.

    Raises:
        InvalidInput: it is not JSON, or a member is missing, unknown or wrong.
    """
    return read_body(await request.read(), kind)


def reply(value: Any, status: int = 200, **headers: str) -> web.Response:
    """An attrs value, or None for nothing, as an answer that no cache keeps."""
    named = {name.replace("_", "-").title(): text for name, text in headers.items()}
    return web.Response(
        status=status,
        body=b"" if value is None else write_body(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store", **named},
    )
