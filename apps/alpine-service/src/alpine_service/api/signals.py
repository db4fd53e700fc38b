"""Signals, their proofs, strategies and what they were worth."""

from aiohttp import web

from alpine_service.api.asking import PRINCIPAL, principal
from alpine_service.api.codec import write_body
from alpine_service.api.etag import PRIVATE, Tagged, answer, tagged
from alpine_service.api.keys import PAGES, SIGNALS
from alpine_service.api.query import choice, moment_us, number, text
from alpine_service.api.signal_bodies import (
    Direction,
    PerformancePage,
    Result,
    SignalPage,
    StrategyList,
    body_of,
    figures_of,
    strategy_of,
    summary_of,
)
from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.visibility import audience_of

LARGEST_PAGE = 100
DEFAULT_PAGE = 50
_LARGEST_INDEX = 2**53 - 1
_FULL_BP = 10_000
_PUBLIC = "public, no-cache"


async def signals(request: web.Request) -> web.Response:
    asked = Asked(
        symbol=text(request, "symbol"),
        direction=choice(request, "direction", Direction),
        strategy=text(request, "strategy"),
        result=choice(request, "result", Result),
        min_confidence_bp=number(request, "min_confidence_bp", 0, _FULL_BP),
        since_us=moment_us(request, "since"),
        until_us=moment_us(request, "until"),
    )
    limit = number(request, "limit", 1, LARGEST_PAGE, DEFAULT_PAGE) or DEFAULT_PAGE
    before = number(request, "cursor", 0, _LARGEST_INDEX)
    audience = audience_of(principal(request).entitlement)
    service = request.app[SIGNALS]

    async def make() -> Tagged:
        page = await service.page(asked, audience, before, limit)
        shown = tuple(summary_of(each) for each in page.signals)
        return tagged(write_body(SignalPage(shown, None if page.next is None else str(page.next))))

    key = (asked, audience, before, limit)
    return answer(request, await request.app[PAGES].page(key, await service.stamp(), make))


async def signal(request: web.Request) -> web.Response:
    found = await request.app[SIGNALS].one(request.match_info["id"], principal(request).entitlement)
    return answer(request, tagged(write_body(body_of(found))))


async def proof(request: web.Request) -> web.Response:
    found = await request.app[SIGNALS].proof(request.match_info["id"], _entitlement(request))
    return answer(
        request,
        tagged(found),
        content_type="text/plain",
        charset="utf-8",
        cache=_cache(request),
    )


async def entry(request: web.Request) -> web.Response:
    found = await request.app[SIGNALS].entry(request.match_info["id"], _entitlement(request))
    return answer(
        request,
        tagged(found),
        content_type="application/octet-stream",
        cache=_cache(request),
    )


async def strategies(request: web.Request) -> web.Response:
    found = await request.app[SIGNALS].strategies()
    body = write_body(StrategyList(tuple(strategy_of(each) for each in found)))
    return answer(request, tagged(body), cache=_PUBLIC)


async def strategy(request: web.Request) -> web.Response:
    found = await request.app[SIGNALS].strategy(request.match_info["name"])
    return answer(request, tagged(write_body(strategy_of(found))), cache=_PUBLIC)


async def performance(request: web.Request) -> web.Response:
    service = request.app[SIGNALS]

    async def make() -> Tagged:
        overall, each = await service.performance()
        page = PerformancePage(figures_of(overall), tuple(figures_of(one) for one in each))
        return tagged(write_body(page))

    content = await request.app[PAGES].page("performance", await service.stamp(), make)
    return answer(request, content, cache=_PUBLIC)


def _cache(request: web.Request) -> str:
    """What somebody known is shown may not be shown to strangers from a store between us."""
    return PRIVATE if PRINCIPAL in request else _PUBLIC


def _entitlement(request: web.Request) -> Entitlement | None:
    """At an open door there may be somebody all the same."""
    who = request.get(PRINCIPAL)
    return None if who is None else who.entitlement
