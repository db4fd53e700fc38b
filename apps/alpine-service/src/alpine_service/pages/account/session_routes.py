"""The sessions of an account: which are open, and how to end them."""

from aiohttp import web
from attrs import evolve

from alpine_service.api.account_bodies import Confirming
from alpine_service.api.accounts import visitor
from alpine_service.api.asking import principal
from alpine_service.api.keys import SESSIONS
from alpine_service.api.route import UNVERIFIED
from alpine_service.domain.accounts.session import SessionShown
from alpine_service.errors import NotThere, Refused
from alpine_service.pages.account.again import show_again
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show

_LIST, _END, _OTHERS = (
    "/account/sessions",
    "account/session_end.html",
    "account/sessions_end_others.html",
)


async def sessions(request: web.Request) -> web.Response:
    who = principal(request)
    found = await request.app[SESSIONS].of(who)
    # The one that looks comes first; the others are in the order in which they were seen.
    found.sort(key=lambda each: each.id != who.means_id)
    return await show(request, "account/sessions.html", sessions=found, own=who.means_id)


async def end_page(request: web.Request) -> web.Response:
    return await show(request, _END, session=await _named(request))


async def end(request: web.Request) -> web.Response:
    session = await _named(request)
    try:
        asked = await read_form(request, Confirming)
        await request.app[SESSIONS].end(
            principal(request), session.id, asked.password, visitor(request)
        )
    except NotThere:
        raise
    except Refused as refusal:
        return await show_again(request, _END, refusal, session=session)
    return go(_LIST, done="ended")


async def others_page(request: web.Request) -> web.Response:
    return await show(request, _OTHERS)


async def end_others(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, Confirming)
        await request.app[SESSIONS].end_others(principal(request), asked.password, visitor(request))
    except Refused as refusal:
        return await show_again(request, _OTHERS, refusal)
    return go(_LIST, done="others-ended")


async def _named(request: web.Request) -> SessionShown:
    """The session that the path names.

    Raises:
        NotThere: there is none, or it is somebody else's.
    """
    name = request.match_info["id"]
    for each in await request.app[SESSIONS].of(principal(request)):
        if each.id == name:
            return each
    raise NotThere("session")


_OWNED = evolve(UNVERIFIED, owned=True)
ROUTES = (
    page(_LIST, sessions, "One's sessions", UNVERIFIED),
    page(f"{_LIST}/others", others_page, "End all other sessions", UNVERIFIED),
    form(f"{_LIST}/others", end_others, "End them", UNVERIFIED, Confirming),
    page(f"{_LIST}/{{id}}", end_page, "End a session", _OWNED),
    form(f"{_LIST}/{{id}}", end, "End it", _OWNED, Confirming),
)
