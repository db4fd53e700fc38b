"""Signing up, signing in, the second step of it, and signing out."""

from aiohttp import web
from attrs import field, frozen

from alpine_service.api.accounts import visitor
from alpine_service.api.asking import PRINCIPAL
from alpine_service.api.keys import LOGIN, REGISTRATION, SESSIONS
from alpine_service.api.route import ANYBODY
from alpine_service.api.session_cookie import give_session, session_secret, take_session
from alpine_service.domain.accounts.session import Next
from alpine_service.errors import NotSignedIn, Refused
from alpine_service.pages.account.again import Pressed, show_again, with_next
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, local_path, page, show

_SIGN_UP, _LOGIN, _CODE = "account/sign_up.html", "account/login.html", "account/login_code.html"
# Where people come for, so where they come to.
_BOARD = "/signals"
_RECOVERY = "recovery"


@frozen
class SigningUp:
    """An account to be."""

    email: str
    password: str = field(repr=False)


@frozen
class SigningIn:
    """The first step; `next` is where to go afterwards."""

    email: str
    password: str = field(repr=False)
    next: str | None = None


@frozen
class GivingCode:
    """The second step; `way` says which of the two fields the page has."""

    code: str = field(repr=False)
    next: str | None = None
    way: str | None = None


async def sign_up_page(request: web.Request) -> web.Response:
    if PRINCIPAL in request:
        return go("/account")
    return await show(request, _SIGN_UP, email="")


async def sign_up(request: web.Request) -> web.Response:
    email = ""
    try:
        asked = await read_form(request, SigningUp)
        email = asked.email
        await request.app[REGISTRATION].register(email, asked.password, visitor(request))
    except Refused as refusal:
        return await show_again(request, _SIGN_UP, refusal, email=email)
    return go("/verify", done="registered")


async def login_page(request: web.Request) -> web.Response:
    after = _after(request.query.get("next"))
    if PRINCIPAL in request:
        return go(after or _BOARD)
    # A cookie that opens nothing says that somebody was here and that their session is over.
    has_ended = after is not None and session_secret(request) is not None
    return await show(request, _LOGIN, email="", after=after, has_ended=has_ended)


async def log_in(request: web.Request) -> web.Response:
    email, after = "", None
    try:
        asked = await read_form(request, SigningIn)
        email, after = asked.email, _after(asked.next)
        opened = await request.app[LOGIN].by_password(
            email, asked.password, visitor(request), session_secret(request)
        )
    except Refused as refusal:
        values = {"email": email, "after": after, "has_ended": False}
        return await show_again(request, _LOGIN, refusal, **values)
    is_done = opened.next is Next.NOTHING
    response = go((after or _BOARD) if is_done else with_next("/login/code", after))
    return give_session(request, response, opened)


async def code_page(request: web.Request) -> web.Response:
    after = _after(request.query.get("next"))
    if PRINCIPAL in request:
        return go(after or _BOARD)
    if session_secret(request) is None:
        return go(with_next("/login", after))
    return await show(request, _CODE, after=after, way=_way(request.query.get("way")))


async def log_in_code(request: web.Request) -> web.Response:
    after, way = None, None
    try:
        asked = await read_form(request, GivingCode)
        after, way = _after(asked.next), _way(asked.way)
        secret = session_secret(request)
        if secret is None:
            raise NotSignedIn("no sign-in awaits a code; begin again with the password")
        opened = await request.app[LOGIN].by_code(secret, asked.code.strip(), visitor(request))
    except Refused as refusal:
        return await show_again(request, _CODE, refusal, after=after, way=way)
    return give_session(request, go(after or _BOARD), opened)


async def log_out(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    who = request.get(PRINCIPAL)
    if who is not None:
        await request.app[SESSIONS].log_out(who, visitor(request))
    response = take_session(request, go("/login", done="out"))
    # Not "storage": only the pinned keys are in it, which are worth what they are worth by age.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _after(text: str | None) -> str | None:
    """A page of ours to go to, or None; never the way in, which would lead in a circle."""
    path = local_path(text, "")
    return None if not path or path.split("?")[0].startswith("/login") else path


def _way(text: str | None) -> str | None:
    return _RECOVERY if text == _RECOVERY else None


ROUTES = (
    page("/sign-up", sign_up_page, "Sign up", ANYBODY),
    form("/sign-up", sign_up, "Open an account", ANYBODY, SigningUp),
    page("/login", login_page, "Sign in", ANYBODY),
    form("/login", log_in, "Sign in with the password", ANYBODY, SigningIn),
    page("/login/code", code_page, "Sign in: the code", ANYBODY),
    form("/login/code", log_in_code, "Sign in with a code", ANYBODY, GivingCode),
    form("/logout", log_out, "Sign out", ANYBODY, Pressed),
)
