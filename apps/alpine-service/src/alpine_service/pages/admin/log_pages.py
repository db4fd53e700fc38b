"""The reading of the log, what was refused of it, and the evidence."""

from urllib.parse import quote

from aiohttp import web

from alpine_service.api.admin_bodies import ingest_body, quarantine_list
from alpine_service.api.administration import LARGEST_PAGE, number_of
from alpine_service.api.asking import principal
from alpine_service.api.keys import INGEST_STANDING
from alpine_service.api.problems import kind_of
from alpine_service.api.query import text
from alpine_service.errors import InvalidInput, NotThere
from alpine_service.pages.admin.admin_forms import Resolving
from alpine_service.pages.admin.evidence import evidence_shown
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import go, show, trouble_of

PATH = "/admin/ingest"


async def ingest(request: web.Request) -> web.Response:
    return await _standing(request)


async def resolve(request: web.Request) -> web.Response:
    asked = await read_form(request, Resolving)
    if not asked.sure:
        refusal = InvalidInput("sure", "nobody said to know what it was", "tick the box first")
        return await _standing(request, refusal)
    await request.app[INGEST_STANDING].resolve(
        number_of(request, "open quarantine"), principal(request).user_id
    )
    return go(PATH, done="resolved")


async def evidence(request: web.Request) -> web.Response:
    number, name = number_of(request, "evidence"), text(request, "name")
    if name is None:
        raise NotThere("evidence")
    data = await request.app[INGEST_STANDING].evidence(number, name)
    return await show(
        request,
        "admin/evidence.html",
        number=number,
        piece=evidence_shown(name, data),
        file=f"/v1/admin/quarantine/{number}/evidence?name={quote(name, safe='')}",
    )


async def _standing(request: web.Request, refusal: InvalidInput | None = None) -> web.Response:
    service = request.app[INGEST_STANDING]
    is_resolved = request.query.get("resolved") == "yes"
    found = await service.quarantines(resolved=is_resolved, limit=LARGEST_PAGE)
    return await show(
        request,
        "admin/ingest.html",
        status=200 if refusal is None else kind_of(refusal).status,
        trouble=None if refusal is None else trouble_of(refusal),
        reading=ingest_body(await service.facts()),
        refusals=quarantine_list(found).refusals,
        is_resolved=is_resolved,
        most=LARGEST_PAGE,
    )
