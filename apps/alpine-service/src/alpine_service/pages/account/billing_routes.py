"""The plans for everybody; the own plan, what changes it, and what was used of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from attrs import frozen

from alpine_service.api.asking import PRINCIPAL, principal
from alpine_service.api.keys import PLATFORM, QUOTAS, SUBSCRIPTIONS
from alpine_service.api.plans import deed
from alpine_service.api.route import ANYBODY, SIGNED_IN, Handler
from alpine_service.domain.plans.plan import FREE, entitlement_of
from alpine_service.domain.plans.subscription import GRACE, TRIAL, Subscription, settled
from alpine_service.errors import Refused
from alpine_service.pages.account.again import Pressed, show_again
from alpine_service.pages.account.plan_cards import own_plan_cards, plan_cards
from alpine_service.pages.account.usage_bars import days_of, first_day, spent_today
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show
from alpine_service.services.subscriptions import Deed, Subscriptions

_PATH = "/account/billing"
_PAGE = "account/billing.html"
Act = Callable[[Subscriptions, Deed, str], Awaitable[Subscription]]


@frozen
class ChoosingPlan:
    """The plan that is wanted."""

    plan: str


async def plans(request: web.Request) -> web.Response:
    who = request.get(PRINCIPAL)
    own = who.entitlement.plan if who is not None else None
    return await show(
        request, "account/plans.html", cards=plan_cards(), own=own, trial=TRIAL, grace=GRACE
    )


async def billing(request: web.Request) -> web.Response:
    return await show(request, _PAGE, **await _values(request))


def _choosing(act: Act, done: str) -> Handler:
    async def choose(request: web.Request) -> web.Response:
        try:
            asked = await read_form(request, ChoosingPlan)
            await act(request.app[SUBSCRIPTIONS], deed(request), asked.plan)
        except Refused as refusal:
            return await show_again(request, _PAGE, refusal, **await _values(request))
        return go(_PATH, done=done)

    return choose


def _pressing(act: Act, done: str) -> Handler:
    async def press(request: web.Request) -> web.Response:
        try:
            await read_form(request, Pressed)
            await act(request.app[SUBSCRIPTIONS], deed(request), "")
        except Refused as refusal:
            return await show_again(request, _PAGE, refusal, **await _values(request))
        return go(_PATH, done=done)

    return press


async def _values(request: web.Request) -> dict[str, Any]:
    """What the page shows, as it is now, although it may be written down a moment later."""
    who, now = principal(request), request.app[PLATFORM].clock.now()
    subscriptions = request.app[SUBSCRIPTIONS]
    kept = await subscriptions.get(who.user_id)
    current = settled(kept, now) if kept else None
    has = entitlement_of(current.plan, current.state, current.until, now) if current else FREE
    ways = await subscriptions.how_to_pay(who.user_id)
    used = await request.app[QUOTAS].used(who.user_id, first_day(now.date()))
    days = days_of(used, now.date())
    return {
        "has": has,
        "current": current,
        "cards": own_plan_cards(has.plan, current, ways, now),
        "days": days,
        "today": spent_today(days[0], has.per_day),
        "grace": GRACE,
    }


_TRIAL = _choosing(lambda on, who, plan: on.start_trial(who.actor, plan, who), "trial")
_CHANGE = _choosing(lambda on, who, plan: on.change_plan(who.actor, plan, who), "plan")
_CANCEL = _pressing(lambda on, who, _: on.cancel(who.actor, who), "cancelled")
_RESUME = _pressing(lambda on, who, _: on.resume(who.actor, who), "resumed")

ROUTES = (
    page("/plans", plans, "The plans side by side", ANYBODY),
    page(_PATH, billing, "One's plan, payments and usage", SIGNED_IN),
    form(f"{_PATH}/trial", _TRIAL, "Start the trial", SIGNED_IN, ChoosingPlan),
    form(f"{_PATH}/plan", _CHANGE, "Change the plan", SIGNED_IN, ChoosingPlan),
    form(f"{_PATH}/cancel", _CANCEL, "Cancel at the end of what was paid", SIGNED_IN, Pressed),
    form(f"{_PATH}/resume", _RESUME, "Take a cancellation back", SIGNED_IN, Pressed),
)
