"""Deliveries that failed, the audit trail, and every component of the design."""

from aiohttp import web

from alpine_service.api.admin_bodies import trail_page
from alpine_service.api.administration import LARGEST_NUMBER
from alpine_service.api.keys import ADMINISTRATION, WEBHOOKS
from alpine_service.api.plans import deed
from alpine_service.api.problems import kind_of
from alpine_service.api.query import number, text
from alpine_service.api.webhook_bodies import page_body
from alpine_service.api.webhooks import behind
from alpine_service.domain.accounts.staff import TrailAsked
from alpine_service.errors import InvalidInput
from alpine_service.pages.admin.admin_forms import AskingTrail, trail_query
from alpine_service.pages.admin.colours import pairs, read_tokens
from alpine_service.pages.forms import read_form
from alpine_service.pages.keys import RENDERER
from alpine_service.pages.page import Trouble, go, show, trouble_of
from alpine_service.pages.static_files import STYLESHEET

_PAGE = 50
TRAIL = "/admin/audit"


async def deliveries(request: web.Request) -> web.Response:
    found = await request.app[WEBHOOKS].failed(behind(request), _PAGE)
    # What receivers answered is for their owners only.
    return await show(
        request, "admin/deliveries.html", page=page_body(found, _PAGE, with_excerpts=False)
    )


async def trail(request: web.Request) -> web.Response:
    asked = AskingTrail(*(text(request, name) for name in ("actor", "deed", "subject")))
    return await _trail(request, asked)


async def ask_trail(request: web.Request) -> web.Response:
    asked = await read_form(request, AskingTrail)
    try:
        query = trail_query(asked)
    except InvalidInput as refusal:
        return await _trail(request, AskingTrail(), refusal)
    return go(f"{TRAIL}?{query}" if query else TRAIL)


async def design(request: web.Request) -> web.Response:
    stylesheet = request.app[RENDERER].static.files[STYLESHEET].body
    tokens = read_tokens(stylesheet.decode())
    return await show(
        request,
        "admin/design.html",
        tokens=tokens,
        pairs=pairs(tokens),
        wrong=Trouble("it does not begin with https://", "wrong", "give another"),
    )


async def _trail(
    request: web.Request, asked: AskingTrail, refusal: InvalidInput | None = None
) -> web.Response:
    found = await request.app[ADMINISTRATION].trail(
        TrailAsked(
            asked.actor,
            asked.deed,
            asked.subject,
            before=number(request, "cursor", 1, LARGEST_NUMBER),
            limit=_PAGE,
        ),
        deed(request),
    )
    return await show(
        request,
        "admin/audit.html",
        status=200 if refusal is None else kind_of(refusal).status,
        trouble=None if refusal is None else trouble_of(refusal),
        page=trail_page(found, _PAGE),
        asked=asked,
        query=trail_query(asked),
    )
