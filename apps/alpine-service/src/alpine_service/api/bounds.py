"""What of a request is taken on at all: how many at once, which bodies, and for how long."""

import asyncio
from collections import Counter

from aiohttp import web
from aiohttp.typedefs import Middleware

from alpine_service.api import problems
from alpine_service.api.client_address import site_of
from alpine_service.api.platform import Platform
from alpine_service.api.problems import Say
from alpine_service.api.response_headers import ROUTE
from alpine_service.api.route import Handler, Route
from alpine_service.api.who_asks import ADDRESS
from alpine_service.domain.accounts.same_origin import SAFE_METHODS
from alpine_service.errors import InvalidInput, NotThere
from alpine_service.ports.observing import Weight

# How browsers send forms.
FORM = "application/x-www-form-urlencoded"


def bounded(platform: Platform, say: Say) -> Middleware:
    """Take so many at once, and bodies of such a size, type and patience."""
    limits = platform.limits
    under_way = 0
    awaited: Counter[str] = Counter()

    async def read(request: web.Request, route: Route) -> bool:
        """Whether the body was read, or too many are awaited."""
        site = site_of(request[ADDRESS])
        if awaited[site] >= limits.bodies_of_site or awaited.total() >= limits.at_once:
            return False
        awaited[site] += 1
        try:
            await _read(request, route, limits.body_s)
            return True
        finally:
            awaited[site] -= 1
            if not awaited[site]:
                del awaited[site]

    def busy(request: web.Request) -> web.Response:
        waiting = awaited.total()
        tell = platform.observer.tell
        tell("http.busy", Weight.WARNING, under_way=under_way, bodies_awaited=waiting)
        return say(request, problems.busy())

    @web.middleware
    async def within_bounds(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal under_way
        route: Route | None = request.get(ROUTE)
        if route is None:
            return await handler(request)
        _refuse_odd_path(request)
        _refuse_unknown_query(request, route)
        if route.is_stream:
            return await handler(request)
        # Before it counts as under way, so that a stranger who sends slowly holds up nobody else.
        if request.method not in SAFE_METHODS and not await read(request, route):
            return busy(request)
        if under_way >= limits.at_once:
            return busy(request)
        under_way += 1
        try:
            async with asyncio.timeout(limits.handler_s):
                return await handler(request)
        finally:
            under_way -= 1

    return within_bounds


def _refuse_odd_path(request: web.Request) -> None:
    """No name of ours has what cannot be shown, and the database would call it our mistake."""
    if not all(part.isprintable() for part in request.match_info.values()):
        raise NotThere("thing")


def _refuse_unknown_query(request: web.Request, route: Route) -> None:
    """What a route does not know is refused, as is a name that comes twice."""
    # People come along links to which others have added words of their own.
    if not request.query_string or route.is_page:
        return
    known = {each.name for each in route.parameters if each.where == "query"}
    for name in request.query:
        if name not in known:
            raise InvalidInput(name[:80], "there is no such parameter", "see the description")
        if len(request.query.getall(name)) > 1:
            raise InvalidInput(name, "it is there more than once", "give it once")


async def _read(request: web.Request, route: Route, patience_s: float) -> None:
    """Read the body before anything else waits for it; handlers read it again from memory."""
    if (request.content_length or 0) > route.body_limit:
        raise web.HTTPRequestEntityTooLarge(route.body_limit, request.content_length or 0)
    expected = FORM if route.is_page else "application/json"
    if route.takes is not None and request.content_type != expected:
        raise web.HTTPUnsupportedMediaType
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType
    # What the application allows is for the largest of all; aiohttp has no bound for one route.
    request._client_max_size = route.body_limit
    try:
        async with asyncio.timeout(patience_s):
            await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
