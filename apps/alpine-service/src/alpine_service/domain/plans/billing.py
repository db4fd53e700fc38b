"""What a provider of payments tells, and what it does to a subscription."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from alpine_service.domain.plans.subscription import (
    Subscription,
    check_days,
    check_paid_plan,
    fail_payment,
    pay,
    refund,
)
from alpine_service.errors import InvalidInput

LONGEST_REFERENCE = 120


class BillingKind(StrEnum):
    """What happened there."""

    PAID = "paid"
    GRANTED = "granted"  # As paid, but nobody paid.
    FAILED = "failed"
    REFUNDED = "refunded"


@frozen
class BillingEvent:
    """One thing a provider told.

    `reference` is the provider's own id of it: it is taken once, however often it comes. `at` is
    the provider's time. `plan` and `days` are of what was paid or granted; `refunds` is the
    reference of the payment that went back.
    """

    provider: str
    reference: str
    kind: BillingKind
    user_id: str
    at: datetime
    plan: str | None = None
    days: int | None = None
    refunds: str | None = None


@frozen
class KnownBefore:
    """What had been heard of the same payment before this event.

    `is_refunded`: its refund came first. `refunded_until`: the end of what the payment paid for
    that is refunded now; None if no such payment was heard of.
    """

    is_refunded: bool = False
    refunded_until: datetime | None = None


@frozen
class Billed:
    """What became of an event. `is_new` is False for one that came before, which changes nothing.

    `is_applied` is False for what came too late to matter, or before what it is about.
    """

    subscription: Subscription | None
    is_new: bool
    is_applied: bool


@frozen
class BillingShown:
    """An event as it was taken down."""

    provider: str
    reference: str
    kind: BillingKind
    plan: str | None
    days: int | None
    refunds: str | None
    at: datetime
    received_at: datetime
    by: str
    is_applied: bool
    paid_until: datetime | None


def check_event(event: BillingEvent) -> None:
    """Whether it says what an event of its kind says, and nothing else.

    Raises:
        InvalidInput: it does not.
    """
    _check_reference("reference", event.reference)
    if event.kind in {BillingKind.PAID, BillingKind.GRANTED}:
        if event.plan is None or event.days is None:
            raise InvalidInput("plan", "a payment is for a plan and days", "give both")
        check_paid_plan(event.plan)
        check_days(event.days)
    elif event.plan is not None or event.days is not None:
        raise InvalidInput("plan", "only a payment is for a plan and days", "leave both out")
    if event.kind is BillingKind.REFUNDED:
        if event.refunds is None:
            raise InvalidInput("refunds", "a refund is of a payment", "give its reference")
        _check_reference("refunds", event.refunds)
    elif event.refunds is not None:
        raise InvalidInput("refunds", "only a refund is of a payment", "leave it out")


def bill(
    old: Subscription | None, event: BillingEvent, known: KnownBefore, now: datetime
) -> tuple[Subscription | None, bool]:
    """The subscription after the event, and whether it mattered; events come in any order.

    Raises:
        InvalidInput: it says what no event can.
    """
    check_event(event)
    if event.plan is not None and event.days is not None:
        if known.is_refunded:
            return old, False
        return pay(old, event.plan, event.days, event.at, now), True
    if event.kind is BillingKind.FAILED:
        new = fail_payment(old, event.at, now)
        return new, new != old
    if known.refunded_until is None or known.refunded_until <= now:
        # The payment is still to come, or all of what it paid for was had.
        return old, False
    return refund(old, now), True


def _check_reference(name: str, reference: str) -> None:
    if not 0 < len(reference) <= LONGEST_REFERENCE or not reference.isprintable():
        fix = f"give 1 to {LONGEST_REFERENCE} characters that can be shown"
        raise InvalidInput(name, "it is no reference", fix)
