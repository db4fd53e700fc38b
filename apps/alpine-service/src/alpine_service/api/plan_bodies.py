"""What is asked and answered about plans and subscriptions."""

from datetime import datetime

from attrs import frozen

from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.domain.plans.plan import PLANS, Plan
from alpine_service.domain.plans.subscription import Subscription, SubscriptionState
from alpine_service.domain.plans.use import Counted, Used
from alpine_service.ports.plans import HowToPay


@frozen
class EntitlementBody:
    """What a plan has. A plan without real time sees what the log itself has made public."""

    plan: str
    is_realtime: bool
    channels: tuple[Channel, ...]
    per_minute: int
    per_day: int
    keys: int
    streams: int
    endpoints: int


@frozen
class PlanBody:
    """One plan; `monthly_cents` is for 30 days."""

    name: str
    meaning: str
    monthly_cents: int
    has: EntitlementBody


@frozen
class PlanList:
    """All plans, the cheapest first."""

    plans: tuple[PlanBody, ...]


@frozen
class WayToPay:
    """How to pay for a plan."""

    plan: str
    words: str
    link: str | None


@frozen
class SubscriptionBody:
    """What is had now, and the subscription that it comes from; without one, the free plan.

    `until` is when it ends if nothing happens, a grace included; `paid_until` is without the grace.
    `next_plan` is the lower plan that follows at `paid_until`.
    """

    has: EntitlementBody
    state: SubscriptionState | None
    plan: str | None
    until: datetime | None
    paid_until: datetime | None
    next_plan: str | None
    may_try: bool
    ways_to_pay: tuple[WayToPay, ...]


@frozen
class ChoosingPlan:
    """The plan that is wanted."""

    plan: str


@frozen
class UsedBody:
    """Requests of one day of UTC, by what is counted apart."""

    day: str
    means: Counted
    count: int


@frozen
class UsageBody:
    """Requests, the newest day first. Of today some may be counted that are still to come."""

    per_minute: int
    per_day: int
    days: tuple[UsedBody, ...]


def plan_list() -> PlanList:
    return PlanList(tuple(_plan(plan) for plan in PLANS.values()))


def subscription_of(
    has: Entitlement, subscription: Subscription | None, ways: dict[str, HowToPay]
) -> SubscriptionBody:
    return SubscriptionBody(
        has=entitlement_body(has),
        state=subscription.state if subscription else None,
        plan=subscription.plan if subscription else None,
        until=subscription.until if subscription else None,
        paid_until=subscription.paid_until if subscription else None,
        next_plan=subscription.next_plan if subscription else None,
        may_try=subscription is None
        or (subscription.state is SubscriptionState.EXPIRED and subscription.trial_at is None),
        ways_to_pay=tuple(WayToPay(plan, way.words, way.link) for plan, way in ways.items()),
    )


def usage_of(has: Entitlement, used: list[Used]) -> UsageBody:
    days = tuple(UsedBody(each.day.isoformat(), each.means, each.count) for each in used)
    return UsageBody(has.per_minute, has.per_day, days)


def entitlement_body(has: Entitlement) -> EntitlementBody:
    return EntitlementBody(
        plan=has.plan,
        is_realtime=has.is_realtime,
        channels=tuple(sorted(has.channels)),
        per_minute=has.per_minute,
        per_day=has.per_day,
        keys=has.keys,
        streams=has.streams,
        endpoints=has.endpoints,
    )


def _plan(plan: Plan) -> PlanBody:
    return PlanBody(plan.name, plan.meaning, plan.monthly_cents, entitlement_body(plan.entitlement))
