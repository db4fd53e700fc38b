"""What is said to people about the service, open to everybody."""

import orjson
from aiohttp import web
from jinja2.environment import TemplateModule

from alpine_service.api.described import Described
from alpine_service.api.keys import LOG
from alpine_service.api.problems import KINDS
from alpine_service.api.route import ANYBODY, Route
from alpine_service.errors import AlpineError, NotThere
from alpine_service.pages.docs.reference import reference_of
from alpine_service.pages.keys import REFERENCE
from alpine_service.pages.page import page, show
from alpine_service.pages.rendering import Renderer


def written_reference(described: Described, made_with: Renderer) -> TemplateModule:
    """The description as a part of a page. It is the same for all, and large: made once."""
    document = orjson.loads(described.document.body)
    return made_with.part("docs/reference.html", {"reference": reference_of(document)})


async def docs(request: web.Request) -> web.Response:
    return await show(request, "docs/docs.html", reference=request.app[REFERENCE])


async def problem(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    kind = next((each for each in KINDS if each.name == name), None)
    if kind is None:
        raise NotThere("problem")
    return await show(request, "docs/problem.html", kind=kind)


async def how_to_verify(request: web.Request) -> web.Response:
    return await show(request, "docs/verify.html", keys=await _keys(request))


async def _keys(request: web.Request) -> tuple[str, str] | None:
    """The log's key and a witness's, as we pinned them; None where they cannot be said."""
    log = request.app.get(LOG)
    try:
        shown = None if log is None else await log.shown()
    except AlpineError:
        return None
    if shown is None or not shown.witnesses:
        return None
    return str(shown.key), str(shown.witnesses[0])


ROUTES: tuple[Route, ...] = (
    page("/docs", docs, "The API, for people", ANYBODY),
    page("/problems/{name}", problem, "What a type of problem means", ANYBODY),
    page("/how-to-verify", how_to_verify, "How to check what we say", ANYBODY),
)
