"""The log, past events, and how the service stands."""

from aiohttp import web

from alpine_service.api.asking import principal, reply
from alpine_service.api.codec import write_body
from alpine_service.api.etag import answer, tagged
from alpine_service.api.event_bodies import EventPage, event_of
from alpine_service.api.keys import EVENTS, LOG, PLATFORM
from alpine_service.api.log_bodies import Freshness, StatusBody, freshness_of, log_of
from alpine_service.api.meta_routes import VERSION
from alpine_service.api.query import number
from alpine_service.domain.signals.visibility import audience_of
from alpine_service.errors import NotThere

LARGEST_PAGE = 500
DEFAULT_PAGE = 100
_LARGEST = 2**53 - 1


async def log(request: web.Request) -> web.Response:
    return reply(log_of(await request.app[LOG].shown()))


async def status(request: web.Request) -> web.Response:
    newest = await request.app[EVENTS].last()
    now = request.app[PLATFORM].clock.now()
    try:
        shown = await request.app[LOG].shown()
    except NotThere:
        return reply(StatusBody(VERSION, now, Freshness.NO_LOG, None, 0, newest))
    facts = shown.facts
    return reply(StatusBody(VERSION, now, freshness_of(shown), facts.silent_s, facts.lag, newest))


async def events(request: web.Request) -> web.Response:
    since = number(request, "since", 0, _LARGEST, 0) or 0
    limit = number(request, "limit", 1, LARGEST_PAGE, DEFAULT_PAGE) or DEFAULT_PAGE
    audience = audience_of(principal(request).entitlement)
    store = request.app[EVENTS]
    # Looked up first: what is numbered later may not be passed by.
    newest = await store.last()
    found = await store.after(since, limit, audience)
    # What others may see and the asker may not is passed by, or asking again would find it again.
    last = found[-1].number if found else since
    following = last if len(found) == limit else max(last, newest)
    page = EventPage(tuple(event_of(each) for each in found), following)
    return answer(request, tagged(write_body(page)))
