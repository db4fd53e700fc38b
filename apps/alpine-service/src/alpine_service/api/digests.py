"""The daily mail: what is wanted, and the link in it that ends it."""

from aiohttp import web

from alpine_service.api.asking import body, principal, reply
from alpine_service.api.digest_bodies import DigestBody
from alpine_service.api.keys import DIGESTS
from alpine_service.domain.delivery.digest import DigestWish
from alpine_service.errors import InvalidInput

# Programs that look at links in mails must not unsubscribe anybody, so a person has to press
# (RFC 8058, section 3.2). The empty action sends the form to this very address, token included.
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>No more daily mails</title></head>
<body><h1>No more daily mails?</h1>
<form method="post"><button>Unsubscribe</button></form></body></html>
"""
_POLICY = (
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PAGE = "text/html"


async def wish(request: web.Request) -> web.Response:
    found = await request.app[DIGESTS].wish(principal(request).user_id)
    return reply(DigestBody(found.is_on, found.hour, found.zone))


async def keep(request: web.Request) -> web.Response:
    asked = await body(request, DigestBody)
    wanted = DigestWish(asked.is_on, asked.hour, asked.zone)
    kept = await request.app[DIGESTS].keep(principal(request), wanted)
    return reply(DigestBody(kept.is_on, kept.hour, kept.zone))


async def ask(request: web.Request) -> web.Response:
    _token(request)
    return web.Response(
        text=_PAGE,
        content_type=PAGE,
        headers={"Cache-Control": "no-store", "Content-Security-Policy": _POLICY},
    )


async def unsubscribe(request: web.Request) -> web.Response:
    await request.app[DIGESTS].unsubscribe(_token(request))
    return reply(None, 204)


def _token(request: web.Request) -> str:
    token = request.query.get("token")
    if not token:
        raise InvalidInput("token", "it is missing", "use the link as it is in the mail")
    return token
