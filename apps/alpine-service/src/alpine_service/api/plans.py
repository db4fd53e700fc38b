"""Plans, and the own subscription and its use."""

from datetime import timedelta

from aiohttp import web

from alpine_service.api.asking import body, principal, reply
from alpine_service.api.keys import PLATFORM, QUOTAS, SUBSCRIPTIONS
from alpine_service.api.plan_bodies import ChoosingPlan, plan_list, subscription_of, usage_of
from alpine_service.api.query import number
from alpine_service.api.who_asks import ADDRESS
from alpine_service.domain.plans.plan import entitlement_of
from alpine_service.domain.plans.subscription import Subscription, settled
from alpine_service.domain.plans.use import KEPT_DAYS
from alpine_service.services.subscriptions import Deed

DEFAULT_DAYS = 31


def deed(request: web.Request) -> Deed:
    """Who does it, and from where."""
    return Deed(principal(request).user_id, request[ADDRESS])


async def plans(request: web.Request) -> web.Response:
    return reply(plan_list())


async def show(request: web.Request) -> web.Response:
    user_id = principal(request).user_id
    return await _answer(request, await request.app[SUBSCRIPTIONS].get(user_id))


async def start_trial(request: web.Request) -> web.Response:
    chosen, who = await body(request, ChoosingPlan), deed(request)
    return await _answer(
        request, await request.app[SUBSCRIPTIONS].start_trial(who.actor, chosen.plan, who)
    )


async def cancel(request: web.Request) -> web.Response:
    who = deed(request)
    return await _answer(request, await request.app[SUBSCRIPTIONS].cancel(who.actor, who))


async def resume(request: web.Request) -> web.Response:
    who = deed(request)
    return await _answer(request, await request.app[SUBSCRIPTIONS].resume(who.actor, who))


async def change_plan(request: web.Request) -> web.Response:
    chosen, who = await body(request, ChoosingPlan), deed(request)
    return await _answer(
        request, await request.app[SUBSCRIPTIONS].change_plan(who.actor, chosen.plan, who)
    )


async def usage(request: web.Request) -> web.Response:
    who = principal(request)
    days = number(request, "days", 1, KEPT_DAYS, DEFAULT_DAYS) or DEFAULT_DAYS
    today = request.app[PLATFORM].clock.now().date()
    used = await request.app[QUOTAS].used(who.user_id, today - timedelta(days=days - 1))
    return reply(usage_of(who.entitlement, used))


async def _answer(request: web.Request, subscription: Subscription | None) -> web.Response:
    now = request.app[PLATFORM].clock.now()
    # Shown as it is now, although it may be written down a moment later.
    current = settled(subscription, now) if subscription else None
    has = (
        entitlement_of(current.plan, current.state, current.until, now)
        if current
        else entitlement_of(None, None, None, now)
    )
    ways = await request.app[SUBSCRIPTIONS].how_to_pay(principal(request).user_id)
    return reply(subscription_of(has, current, ways))
