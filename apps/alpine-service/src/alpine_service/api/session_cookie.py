"""The cookie that carries a session's secret: out of scripts' reach, and never to another site."""

from urllib.parse import urlsplit

from aiohttp import web

from alpine_service.api.keys import PLATFORM
from alpine_service.domain.accounts.session import Opened

_BOUND = "__Host-alpine"
_PLAIN = "alpine"


def cookie_name(public_url: str) -> str:
    """`__Host-` binds it to this host and to TLS; over plain HTTP browsers would not take it.

    Plain HTTP is for a demo on the loopback address.
    """
    return _BOUND if urlsplit(public_url).scheme == "https" else _PLAIN


def give_session(request: web.Request, response: web.Response, opened: Opened) -> web.Response:
    """Put the secret into the browser, in the place of any before it."""
    name = request.app[PLATFORM].cookie
    response.set_cookie(
        name,
        opened.secret,
        max_age=int(opened.lives.total_seconds()),
        path="/",
        secure=name == _BOUND,
        httponly=True,
        samesite="Lax",
    )
    return response


def take_session(request: web.Request, response: web.Response) -> web.Response:
    """Let the browser forget it."""
    name = request.app[PLATFORM].cookie
    response.del_cookie(name, path="/", secure=name == _BOUND, httponly=True, samesite="Lax")
    return response


def session_secret(request: web.Request) -> str | None:
    """What the browser has, whatever it is worth."""
    return request.cookies.get(request.app[PLATFORM].cookie)
