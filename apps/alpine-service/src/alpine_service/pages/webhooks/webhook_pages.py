"""The pages of webhooks, and what their forms do.

A secret is on the answer to the form that made it, and on no other page.
"""

from datetime import datetime, timedelta

from aiohttp import web

from alpine_service.api.asking import principal
from alpine_service.api.keys import PLATFORM, WEBHOOKS
from alpine_service.api.plans import deed
from alpine_service.api.problems import kind_of
from alpine_service.api.query import choice
from alpine_service.api.webhook_bodies import WebhookBody, page_body, webhook_body
from alpine_service.api.webhooks import behind, named
from alpine_service.domain.delivery.errand import DeliveryState
from alpine_service.domain.delivery.webhook import LONGEST_DESCRIPTION, Change
from alpine_service.domain.plans.entitlement import Channel
from alpine_service.domain.signals.event import EventKind
from alpine_service.errors import Conflict, InvalidInput, Refused
from alpine_service.pages.forms import Pressed, read_form
from alpine_service.pages.page import go, show, trouble_of
from alpine_service.pages.webhooks.webhook_forms import (
    RecoveringSince,
    WritingWebhook,
    filters_of,
    since_of,
    written,
)
from alpine_service.services.webhooks import RECOVERED_FOR, Draft

PATH = "/account/webhooks"
_DELIVERIES = 25
# What people are told of each kind of event.
_KINDS = {
    EventKind.SIGNAL_PUBLISHED: "A signal, at once",
    EventKind.SIGNAL_COMMITTED: "A delayed strategy said something, sealed",
    EventKind.SIGNAL_REVEALED: "A sealed signal was opened",
    EventKind.OUTCOME_RESOLVED: "A signal reached its end",
    EventKind.TRADE_REPORTED: "A trade was reported",
    EventKind.ENTRY_CORRECTED: "An entry was corrected",
    EventKind.STRATEGY_REGISTERED: "A strategy began",
    EventKind.STRATEGY_RETIRED: "A strategy ended",
}


async def webhooks(request: web.Request) -> web.Response:
    return await _all(request, WritingWebhook())


async def add(request: web.Request) -> web.Response:
    asked, who = await read_form(request, WritingWebhook), principal(request)
    try:
        draft = Draft(asked.url, asked.description, filters_of(asked))
        made = await request.app[WEBHOOKS].add(who.user_id, draft, who.entitlement, deed(request))
    except (InvalidInput, Conflict) as refusal:
        return await _all(request, asked, refusal)
    return await show(
        request,
        "webhooks/secret.html",
        webhook=webhook_body(made.webhook),
        secret=made.secret,
        old_until=None,
    )


async def webhook(request: web.Request) -> web.Response:
    return await _one(request)


async def change(request: web.Request) -> web.Response:
    asked = await read_form(request, WritingWebhook)
    try:
        wanted = filters_of(asked)
        whole = Change(
            asked.url, asked.description, wanted.kinds, wanted.symbols, wanted.strategies
        )
        await request.app[WEBHOOKS].change(*_whose(request), whole, deed(request))
    except InvalidInput as refusal:
        return await _one(request, refusal, asked)
    return _back(request, "changed")


async def turn_on(request: web.Request) -> web.Response:
    return await _turn(request, is_on=True)


async def turn_off(request: web.Request) -> web.Response:
    return await _turn(request, is_on=False)


async def rotate(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    made = await request.app[WEBHOOKS].rotate(*_whose(request), deed(request))
    found = await request.app[WEBHOOKS].get(*_whose(request))
    return await show(
        request,
        "webhooks/secret.html",
        webhook=webhook_body(found),
        secret=made.secret,
        old_until=made.old_until,
    )


async def delete(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    await request.app[WEBHOOKS].delete(*_whose(request), deed(request))
    return go(PATH, done="deleted")


async def test(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    try:
        await request.app[WEBHOOKS].test(*_whose(request))
    except Conflict as refusal:
        return await _one(request, refusal)
    return _back(request, "tested")


async def resend(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    delivery = named(request, "delivery", "delivery")
    try:
        await request.app[WEBHOOKS].resend(*_whose(request), delivery)
    except Conflict as refusal:
        return await _one(request, refusal)
    return _back(request, "resent")


async def recover(request: web.Request) -> web.Response:
    asked, who = await read_form(request, RecoveringSince), principal(request)
    try:
        recovered = await request.app[WEBHOOKS].recover(
            *_whose(request), since_of(asked), who.entitlement
        )
    except (InvalidInput, Conflict) as refusal:
        return await _one(request, refusal)
    if not recovered.is_complete:
        return _back(request, "recovered-part")
    return _back(request, "recovered" if recovered.deliveries else "recovered-none")


async def _turn(request: web.Request, *, is_on: bool) -> web.Response:
    await read_form(request, Pressed)
    await request.app[WEBHOOKS].change(*_whose(request), Change(is_on=is_on), deed(request))
    return _back(request, "on" if is_on else "off")


async def _all(
    request: web.Request, typed: WritingWebhook, refusal: Refused | None = None
) -> web.Response:
    who = principal(request)
    found = await request.app[WEBHOOKS].of_user(who.user_id)
    return await show(
        request,
        "webhooks/all.html",
        status=200 if refusal is None else kind_of(refusal).status,
        trouble=None if refusal is None else trouble_of(refusal),
        webhooks=[webhook_body(each) for each in found],
        most=who.entitlement.endpoints,
        may_add=Channel.WEBHOOKS in who.entitlement.channels,
        typed=typed,
        kinds=_KINDS,
        longest=LONGEST_DESCRIPTION,
    )


async def _one(
    request: web.Request, refusal: Refused | None = None, typed: WritingWebhook | None = None
) -> web.Response:
    service, whose = request.app[WEBHOOKS], _whose(request)
    found = webhook_body(await service.get(*whose))
    state = choice(request, "state", DeliveryState)
    deliveries = await service.deliveries(*whose, state, behind(request), _DELIVERIES)
    now = request.app[PLATFORM].clock.now()
    return await show(
        request,
        "webhooks/one.html",
        status=200 if refusal is None else kind_of(refusal).status,
        trouble=None if refusal is None else trouble_of(refusal),
        webhook=found,
        path=f"{PATH}/{found.id}",
        page=page_body(deliveries, _DELIVERIES, with_excerpts=True),
        state=state,
        states=list(DeliveryState),
        has_plan=Channel.WEBHOOKS in principal(request).entitlement.channels,
        typed=typed or written(found),
        is_editing=typed is not None,
        kinds=_KINDS,
        longest=LONGEST_DESCRIPTION,
        since=f"{_lost_since(found, now):%Y-%m-%dT%H:%M}",
    )


def _lost_since(webhook: WebhookBody, now: datetime) -> datetime:
    """Where one would begin to send what was lost: with the first failure, or yesterday."""
    earliest = now - RECOVERED_FOR + timedelta(minutes=1)
    return max(webhook.failing_since or now - timedelta(days=1), earliest)


def _whose(request: web.Request) -> tuple[str, str]:
    return principal(request).user_id, named(request, "id", "webhook")


def _back(request: web.Request, done: str) -> web.Response:
    return go(f"{PATH}/{named(request, 'id', 'webhook')}", done=done)
