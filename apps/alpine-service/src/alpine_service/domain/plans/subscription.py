"""The life of a subscription: one table of transitions, and the times that they set.

Nothing here asks for the time. A moment is given with what happened, and `settled` says what time
alone has changed by a moment, however long nobody looked.

In short: nobody has a plan longer than the trial, what was paid for, and a grace after that, and
the grace is on no higher plan than the one that was paid for last.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from attrs import evolve, frozen

from alpine_service.domain.plans.plan import PLANS
from alpine_service.errors import Conflict, InvalidInput

# Long enough to judge a few dozen signals and their outcomes, short enough to be a trial.
TRIAL = timedelta(days=14)
# A transfer takes up to three working days, and there may be holidays around them.
GRACE = timedelta(days=7)
# Nobody pays for longer ahead; it also keeps times in bounds.
LONGEST_DAYS = 366
_SECOND = timedelta(seconds=1)


class SubscriptionState(StrEnum):
    """Where a subscription is; without one, its user has the free plan."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past due"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Happening(StrEnum):
    """What can happen to a subscription."""

    TRIAL_STARTED = "trial started"
    PAID = "paid"
    PAYMENT_FAILED = "payment failed"
    GRACE_OVER = "grace over"
    CANCELLED = "cancelled"
    RESUMED = "resumed"
    PERIOD_ENDED = "period ended"
    PLAN_CHANGED = "plan changed"
    REFUNDED = "refunded"


# The whole machine. No edge may live elsewhere; what is not here is refused. A trial cannot be
# cancelled, because it ends by itself and costs nothing. Whoever owes a payment changes the plan by
# paying for another one.
TRANSITIONS: Mapping[tuple[SubscriptionState | None, Happening], SubscriptionState] = (
    MappingProxyType(
        {
            (None, Happening.TRIAL_STARTED): SubscriptionState.TRIAL,
            (None, Happening.PAID): SubscriptionState.ACTIVE,
            (SubscriptionState.TRIAL, Happening.PAID): SubscriptionState.ACTIVE,
            (SubscriptionState.TRIAL, Happening.PAYMENT_FAILED): SubscriptionState.TRIAL,
            (SubscriptionState.TRIAL, Happening.PLAN_CHANGED): SubscriptionState.TRIAL,
            (SubscriptionState.TRIAL, Happening.PERIOD_ENDED): SubscriptionState.EXPIRED,
            (SubscriptionState.TRIAL, Happening.REFUNDED): SubscriptionState.TRIAL,
            (SubscriptionState.ACTIVE, Happening.PAID): SubscriptionState.ACTIVE,
            (SubscriptionState.ACTIVE, Happening.PAYMENT_FAILED): SubscriptionState.PAST_DUE,
            (SubscriptionState.ACTIVE, Happening.CANCELLED): SubscriptionState.CANCELLED,
            (SubscriptionState.ACTIVE, Happening.PLAN_CHANGED): SubscriptionState.ACTIVE,
            (SubscriptionState.ACTIVE, Happening.PERIOD_ENDED): SubscriptionState.PAST_DUE,
            (SubscriptionState.ACTIVE, Happening.REFUNDED): SubscriptionState.EXPIRED,
            (SubscriptionState.PAST_DUE, Happening.PAID): SubscriptionState.ACTIVE,
            (SubscriptionState.PAST_DUE, Happening.PAYMENT_FAILED): SubscriptionState.PAST_DUE,
            (SubscriptionState.PAST_DUE, Happening.CANCELLED): SubscriptionState.CANCELLED,
            (SubscriptionState.PAST_DUE, Happening.PERIOD_ENDED): SubscriptionState.PAST_DUE,
            (SubscriptionState.PAST_DUE, Happening.GRACE_OVER): SubscriptionState.EXPIRED,
            (SubscriptionState.PAST_DUE, Happening.REFUNDED): SubscriptionState.EXPIRED,
            (SubscriptionState.CANCELLED, Happening.PAID): SubscriptionState.ACTIVE,
            (SubscriptionState.CANCELLED, Happening.PAYMENT_FAILED): SubscriptionState.CANCELLED,
            (SubscriptionState.CANCELLED, Happening.RESUMED): SubscriptionState.ACTIVE,
            (SubscriptionState.CANCELLED, Happening.PERIOD_ENDED): SubscriptionState.EXPIRED,
            (SubscriptionState.CANCELLED, Happening.REFUNDED): SubscriptionState.EXPIRED,
            (SubscriptionState.EXPIRED, Happening.TRIAL_STARTED): SubscriptionState.TRIAL,
            (SubscriptionState.EXPIRED, Happening.PAID): SubscriptionState.ACTIVE,
            (SubscriptionState.EXPIRED, Happening.PAYMENT_FAILED): SubscriptionState.EXPIRED,
            (SubscriptionState.EXPIRED, Happening.REFUNDED): SubscriptionState.EXPIRED,
        }
    )
)


@frozen
class Subscription:
    """A subscription. It entitles to `plan` before `until`, unless it is expired.

    `paid_until` is the end of what was paid for, or of the trial. `next_plan` is the lower plan
    that follows then. `trial_at` is when the one trial began. `paid_plan` and `last_paid_at` are
    the plan and the provider's time of the newest payment.
    """

    plan: str
    state: SubscriptionState
    until: datetime
    paid_until: datetime
    next_plan: str | None = None
    trial_at: datetime | None = None
    paid_plan: str | None = None
    last_paid_at: datetime | None = None


def start_trial(old: Subscription | None, plan: str, now: datetime) -> Subscription:
    """The one trial of an account, of a plan that costs something.

    Raises:
        Conflict: there was one, or something runs.
        InvalidInput: no such plan.
    """
    check_paid_plan(plan)
    old = _caught_up(old, now)
    if old is not None and old.trial_at is not None:
        raise Conflict("this account has had its trial")
    state = _next(old, Happening.TRIAL_STARTED)
    end = now + TRIAL
    new = Subscription(plan, state, end, end, trial_at=now)
    return evolve(new, last_paid_at=old.last_paid_at) if old else new


def pay(
    old: Subscription | None, plan: str, days: int, at: datetime, now: datetime
) -> Subscription:
    """So many days of a plan were paid for, or granted; `at` is the provider's time of it.

    They follow on what is left. What is left of another plan first becomes time of this one, of the
    same worth. In a grace they begin where the grace began, because it is used.

    Raises:
        InvalidInput: no such plan, or too many days at once or ahead.
    """
    check_paid_plan(plan)
    check_days(days)
    old = _caught_up(old, now)
    state = _next(old, Happening.PAID)
    end = (_start(old, plan, now) if old else now) + timedelta(days=days)
    if end - now > timedelta(days=2 * LONGEST_DAYS):
        raise InvalidInput("days", "it is paid for too far ahead already", "give fewer")
    new = Subscription(plan, state, end, end, paid_plan=plan, last_paid_at=at)
    if old is not None:
        newest = max(at, old.last_paid_at) if old.last_paid_at else at
        new = evolve(new, trial_at=old.trial_at, last_paid_at=newest)
    return settled(_with_end(new), now)


def fail_payment(old: Subscription | None, at: datetime, now: datetime) -> Subscription | None:
    """The provider says that a payment was refused, at `at`; older than a payment it is no news."""
    if old is None:
        return None
    old = settled(old, now)
    if old.last_paid_at is not None and at <= old.last_paid_at:
        return old
    return evolve(old, state=_next(old, Happening.PAYMENT_FAILED))


def refund(old: Subscription | None, now: datetime) -> Subscription | None:
    """Money went back for what still runs: it ends at once, whatever else was paid for."""
    if old is None:
        return None
    old = settled(old, now)
    state = _next(old, Happening.REFUNDED)
    if state is old.state:
        return old
    return evolve(old, state=state, until=now, paid_until=min(now, old.paid_until), next_plan=None)


def cancel(old: Subscription | None, now: datetime) -> Subscription:
    """It runs until the end of what was paid for, and has no grace.

    Raises:
        Conflict: there is nothing to cancel.
    """
    there = _moved(old, Happening.CANCELLED, now)
    return settled(_with_end(evolve(there, next_plan=None)), now)


def resume(old: Subscription | None, now: datetime) -> Subscription:
    """Take a cancellation back.

    Raises:
        Conflict: nothing was cancelled, or it has ended since.
    """
    return _with_end(_moved(old, Happening.RESUMED, now))


def change_plan(old: Subscription | None, plan: str, now: datetime) -> Subscription:
    """To a higher plan at once, to a lower one at the end of what was paid for.

    What is left of the lower plan becomes time of the higher one, of the same worth, so it ends
    earlier. To the plan that it is of takes a change back that has not come yet. A trial changes
    at once, either way, and ends when it would have.

    Raises:
        Conflict: nothing runs that could be changed.
        InvalidInput: no such plan.
    """
    check_paid_plan(plan)
    there = _moved(old, Happening.PLAN_CHANGED, now)
    if there.state is SubscriptionState.TRIAL:
        return evolve(there, plan=plan)
    if _price(plan) < _price(there.plan):
        return _with_end(evolve(there, next_plan=plan))
    paid_until = _converted(there, plan, now)
    new = evolve(there, plan=plan, next_plan=None, paid_until=paid_until)
    return settled(_with_end(new), now)


def check_paid_plan(plan: str) -> None:
    """Raises InvalidInput if it is no plan that costs something."""
    if plan not in PLANS or not _price(plan):
        names = ", ".join(each.name for each in PLANS.values() if each.monthly_cents)
        raise InvalidInput("plan", "there is no such plan to pay for", f"give one of {names}")


def check_days(days: int) -> None:
    """Raises InvalidInput if nobody pays for so many at once."""
    if not 0 < days <= LONGEST_DAYS:
        raise InvalidInput("days", "it is out of range", f"give 1 to {LONGEST_DAYS}")


def due_at(subscription: Subscription) -> datetime | None:
    """When time alone changes it, if nothing happens before."""
    if subscription.state is SubscriptionState.EXPIRED:
        return None
    if subscription.state is SubscriptionState.PAST_DUE and subscription.next_plan is None:
        return subscription.until
    return subscription.paid_until


def settled(subscription: Subscription, now: datetime) -> Subscription:
    """What it is at `now`, when nothing but time has passed; all that was missed is caught up."""
    while (due := due_at(subscription)) is not None and due <= now:
        subscription = _time_passed(subscription)
    return subscription


def _time_passed(old: Subscription) -> Subscription:
    if old.state is SubscriptionState.PAST_DUE and old.next_plan is None:
        return evolve(old, state=_next(old, Happening.GRACE_OVER))
    state = _next(old, Happening.PERIOD_ENDED)
    return _with_end(evolve(old, state=state, plan=old.next_plan or old.plan, next_plan=None))


def _with_end(subscription: Subscription) -> Subscription:
    """The same with the end that its state gives it.

    A plan that a lower one follows has no grace, the lower one has it. A plan that is higher than
    what was paid for has none either, or else a change just before the end would be a present.
    """
    has_grace = (
        subscription.state in {SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE}
        and subscription.next_plan is None
        and subscription.paid_plan is not None
        and _price(subscription.plan) <= _price(subscription.paid_plan)
    )
    grace = GRACE if has_grace else timedelta(0)
    return evolve(subscription, until=subscription.paid_until + grace)


def _start(old: Subscription, plan: str, now: datetime) -> datetime:
    """Where time that is paid for now, of that plan, begins."""
    if old.state is SubscriptionState.EXPIRED:
        return now
    if old.state is SubscriptionState.TRIAL:
        # What is left of a trial is not worth money, but paying early should not lose it.
        return old.paid_until if old.plan == plan else now
    return _converted(old, plan, now)


def _converted(old: Subscription, plan: str, now: datetime) -> datetime:
    """The end of what is left, or owed for a grace, as time of that plan; to a second below."""
    if old.plan == plan:
        return old.paid_until
    worth = (old.paid_until - now) * _price(old.plan)
    return now + worth // _price(plan) // _SECOND * _SECOND


def _caught_up(old: Subscription | None, now: datetime) -> Subscription | None:
    return settled(old, now) if old else None


def _moved(old: Subscription | None, happening: Happening, now: datetime) -> Subscription:
    """The same in the state that the table says."""
    if old is None:
        raise _refusal(None)
    old = settled(old, now)
    return evolve(old, state=_next(old, happening))


def _next(old: Subscription | None, happening: Happening) -> SubscriptionState:
    state = old.state if old else None
    try:
        return TRANSITIONS[state, happening]
    except KeyError:
        raise _refusal(state) from None


def _refusal(state: SubscriptionState | None) -> Conflict:
    if state is None:
        return Conflict("there is no subscription")
    return Conflict(f"this is not for a subscription whose state is: {state}")


def _price(plan: str) -> int:
    return PLANS[plan].monthly_cents
