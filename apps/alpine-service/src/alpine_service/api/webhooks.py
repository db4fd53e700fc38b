"""The own webhooks, and the deliveries that failed."""

import re

from aiohttp import web

from alpine_service.api.asking import body, principal, reply
from alpine_service.api.keys import WEBHOOKS
from alpine_service.api.plans import deed
from alpine_service.api.query import choice, number, text
from alpine_service.api.webhook_bodies import (
    AddingWebhook,
    ChangingWebhook,
    RecoveredBody,
    Recovering,
    WebhookList,
    WebhookTest,
    made_body,
    page_body,
    place_of,
    secret_body,
    webhook_body,
)
from alpine_service.domain.delivery.errand import DeliveryState
from alpine_service.domain.delivery.webhook import Change, check_filters
from alpine_service.errors import InvalidInput, NotThere
from alpine_service.ports.webhooks import Place
from alpine_service.services.webhooks import Draft

LARGEST_PAGE = 100
DEFAULT_PAGE = 50
CURSOR = r"[0-9]{1,16}_msg_[0-9A-Za-z]{22}"


async def webhooks(request: web.Request) -> web.Response:
    found = await request.app[WEBHOOKS].of_user(principal(request).user_id)
    return reply(WebhookList(tuple(webhook_body(each) for each in found)))


async def add(request: web.Request) -> web.Response:
    asked, who = await body(request, AddingWebhook), principal(request)
    filters = check_filters(asked.kinds, asked.symbols, asked.strategies)
    draft = Draft(asked.url, asked.description, filters)
    made = await request.app[WEBHOOKS].add(who.user_id, draft, who.entitlement, deed(request))
    return reply(made_body(made), 201)


async def webhook(request: web.Request) -> web.Response:
    return reply(webhook_body(await request.app[WEBHOOKS].get(*_whose(request))))


async def change(request: web.Request) -> web.Response:
    asked = await body(request, ChangingWebhook)
    checked = check_filters(asked.kinds or (), asked.symbols or (), asked.strategies or ())
    wanted = Change(
        url=asked.url,
        description=asked.description,
        kinds=None if asked.kinds is None else checked.kinds,
        symbols=None if asked.symbols is None else checked.symbols,
        strategies=None if asked.strategies is None else checked.strategies,
        is_on=asked.is_on,
    )
    found = await request.app[WEBHOOKS].change(*_whose(request), wanted, deed(request))
    return reply(webhook_body(found))


async def enable(request: web.Request) -> web.Response:
    wanted = Change(is_on=True)
    found = await request.app[WEBHOOKS].change(*_whose(request), wanted, deed(request))
    return reply(webhook_body(found))


async def delete(request: web.Request) -> web.Response:
    await request.app[WEBHOOKS].delete(*_whose(request), deed(request))
    return reply(None, 204)


async def rotate(request: web.Request) -> web.Response:
    made = await request.app[WEBHOOKS].rotate(*_whose(request), deed(request))
    return reply(secret_body(made), 201)


async def test(request: web.Request) -> web.Response:
    return reply(WebhookTest(await request.app[WEBHOOKS].test(*_whose(request))), 202)


async def recover(request: web.Request) -> web.Response:
    asked = await body(request, Recovering)
    entitlement = principal(request).entitlement
    done = await request.app[WEBHOOKS].recover(*_whose(request), asked.since, entitlement)
    return reply(RecoveredBody(done.deliveries, done.is_complete), 202)


async def deliveries(request: web.Request) -> web.Response:
    state, limit = choice(request, "state", DeliveryState), _limit(request)
    found = await request.app[WEBHOOKS].deliveries(*_whose(request), state, behind(request), limit)
    return reply(page_body(found, limit, with_excerpts=True))


async def resend(request: web.Request) -> web.Response:
    await request.app[WEBHOOKS].resend(*_whose(request), named(request, "delivery", "delivery"))
    return reply(None, 202)


async def failed(request: web.Request) -> web.Response:
    limit = _limit(request)
    found = await request.app[WEBHOOKS].failed(behind(request), limit)
    return reply(page_body(found, limit, with_excerpts=False))


def _whose(request: web.Request) -> tuple[str, str]:
    return principal(request).user_id, named(request, "id", "webhook")


def named(request: web.Request, name: str, what: str) -> str:
    """An id out of the path; what cannot be one is not there, and the database is not asked."""
    given = request.match_info[name]
    if not (given.isascii() and given.isprintable()):
        raise NotThere(what)
    return given


def _limit(request: web.Request) -> int:
    return number(request, "limit", 1, LARGEST_PAGE, DEFAULT_PAGE) or DEFAULT_PAGE


def behind(request: web.Request) -> Place | None:
    """Where the page of deliveries begins, by the cursor in the query."""
    cursor = text(request, "cursor")
    if cursor is None:
        return None
    if not re.fullmatch(CURSOR, cursor):
        raise InvalidInput("cursor", "it is none of ours", "give `next` of the page before")
    return place_of(cursor)
