"""The plans side by side, and what choosing one would do for somebody."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from attrs import frozen

from alpine_service.domain.plans.plan import PLANS, Plan
from alpine_service.domain.plans.subscription import (
    Subscription,
    change_plan,
    start_trial,
)
from alpine_service.errors import Conflict
from alpine_service.ports.plans import HowToPay


@frozen
class Choice:
    """What a button would do: `what` is the form that it is of, `would_be` what comes of it."""

    what: str
    would_be: Subscription


@frozen
class PlanCard:
    """A plan; `choices` are what its reader may do with it now, `way` how to pay for it."""

    plan: Plan
    is_current: bool = False
    is_next: bool = False
    choices: tuple[Choice, ...] = ()
    way: HowToPay | None = None

    @property
    def price(self) -> str:
        """Of 30 days, without zeros that say nothing."""
        units, cents = divmod(self.plan.monthly_cents, 100)
        return f"{units}.{cents:02}" if cents else str(units)


def plan_cards() -> Sequence[PlanCard]:
    """All plans, for whoever asks."""
    return [PlanCard(plan) for plan in PLANS.values()]


def own_plan_cards(
    has: str, current: Subscription | None, ways: dict[str, HowToPay], now: datetime
) -> Sequence[PlanCard]:
    """All plans, as they are to an account that has the plan `has` at `now`."""
    following = current.next_plan if current else None
    return [
        PlanCard(
            plan,
            is_current=plan.name == has,
            is_next=plan.name == following,
            choices=_choices(plan, current, now) if plan.monthly_cents else (),
            way=ways.get(plan.name),
        )
        for plan in PLANS.values()
    ]


def _choices(plan: Plan, current: Subscription | None, now: datetime) -> tuple[Choice, ...]:
    """What the domain would not refuse."""
    found = []
    # Refused to those who had it, and while something runs.
    with suppress(Conflict):
        found.append(Choice("trial", start_trial(current, plan.name, now)))
    if current is not None and (plan.name != current.plan or current.next_plan is not None):
        # Refused once it was cancelled or is over, and while a payment is due.
        with suppress(Conflict):
            found.append(Choice("plan", change_plan(current, plan.name, now)))
    return tuple(found)
