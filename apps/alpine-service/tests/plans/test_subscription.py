"""The life of a subscription."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alpine_service.domain.plans.plan import PLANS, entitlement_of
from alpine_service.domain.plans.subscription import (
    GRACE,
    TRANSITIONS,
    TRIAL,
    Happening,
    Subscription,
    SubscriptionState,
    cancel,
    change_plan,
    due_at,
    fail_payment,
    pay,
    refund,
    resume,
    settled,
    start_trial,
)
from alpine_service.errors import Conflict, InvalidInput

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def entitled(subscription: Subscription | None, now: datetime) -> str:
    if subscription is None:
        return entitlement_of(None, None, None, now).plan
    return entitlement_of(subscription.plan, subscription.state, subscription.until, now).plan


def test_a_trial_gives_its_plan_and_ends_on_its_own() -> None:
    trial = start_trial(None, "pro", START)
    assert entitled(trial, START + TRIAL - HOUR) == "pro"
    assert entitled(trial, START + TRIAL) == "free"
    assert settled(trial, START + TRIAL).state is SubscriptionState.EXPIRED


def test_a_refusal_says_what_is_in_the_way() -> None:
    trial = start_trial(None, "pro", START)
    with pytest.raises(Conflict, match="has had its trial"):
        start_trial(trial, "pro", START + HOUR)
    with pytest.raises(Conflict, match="whose state is: trial"):
        cancel(trial, START + HOUR)
    with pytest.raises(Conflict, match="there is no subscription"):
        cancel(None, START)


def test_there_is_one_trial_ever() -> None:
    over = settled(start_trial(None, "basic", START), START + 20 * DAY)
    with pytest.raises(Conflict, match="has had its trial"):
        start_trial(over, "pro", START + 30 * DAY)
    paid = pay(over, "basic", 1, START + 30 * DAY, START + 30 * DAY)
    with pytest.raises(Conflict):
        start_trial(settled(paid, START + 90 * DAY), "pro", START + 90 * DAY)


def test_whoever_paid_first_may_still_have_a_trial() -> None:
    gone = refund(pay(None, "basic", 30, START, START), START + DAY)
    trial = start_trial(gone, "pro", START + 2 * DAY)
    assert trial.state is SubscriptionState.TRIAL
    assert trial.last_paid_at == START


def test_what_is_paid_for_follows_on_what_is_left() -> None:
    once = pay(None, "basic", 30, START, START)
    twice = pay(once, "basic", 30, START + DAY, START + DAY)
    assert twice.paid_until == START + 60 * DAY
    assert twice.until == twice.paid_until + GRACE


def test_paying_within_a_trial_keeps_what_is_left_of_it() -> None:
    trial = start_trial(None, "basic", START)
    assert pay(trial, "basic", 30, START, START).paid_until == START + TRIAL + 30 * DAY
    assert pay(trial, "pro", 30, START, START).paid_until == START + 30 * DAY


def test_a_period_that_ends_unpaid_has_a_grace_and_then_expires() -> None:
    paid = pay(None, "basic", 30, START, START)
    end = START + 30 * DAY
    late = settled(paid, end)
    assert late.state is SubscriptionState.PAST_DUE
    assert entitled(late, end + GRACE - HOUR) == "basic"
    assert settled(late, end + GRACE).state is SubscriptionState.EXPIRED
    assert entitled(late, end + GRACE) == "free"


def test_a_grace_that_was_used_is_paid_for_by_the_next_payment() -> None:
    paid = pay(None, "basic", 30, START, START)
    when = START + 33 * DAY
    assert pay(paid, "basic", 30, when, when).paid_until == START + 60 * DAY


def test_a_grace_on_a_higher_plan_is_paid_for_in_its_worth() -> None:
    paid = pay(None, "pro", 30, START, START)
    when = START + 31 * DAY
    lower = pay(paid, "basic", 30, when, when)
    owed = DAY * 9_900 / 2_900
    assert abs(lower.paid_until - (when + 30 * DAY - owed)) <= timedelta(seconds=1)


def test_a_payment_too_small_for_the_grace_that_was_used_is_past_due_again() -> None:
    paid = pay(None, "basic", 30, START, START)
    when = START + 35 * DAY
    assert pay(paid, "basic", 1, when, when).state is SubscriptionState.PAST_DUE


def test_a_failed_payment_takes_nothing_before_the_grace_is_over() -> None:
    paid = pay(None, "basic", 30, START, START)
    failed = fail_payment(paid, START + 29 * DAY, START + 29 * DAY)
    assert failed is not None
    assert failed.state is SubscriptionState.PAST_DUE
    assert failed.until == paid.until
    assert fail_payment(failed, START + 31 * DAY, START + 31 * DAY) == failed


def test_a_failure_older_than_the_newest_payment_is_no_news() -> None:
    paid = pay(None, "basic", 30, START, START)
    assert fail_payment(paid, START - HOUR, START + HOUR) == paid
    older = pay(paid, "basic", 30, START - DAY, START)
    assert older.last_paid_at == START


def test_what_fails_or_goes_back_without_a_subscription_changes_nothing() -> None:
    assert fail_payment(None, START, START) is None
    assert refund(None, START) is None


def test_a_cancelled_one_runs_to_its_end_and_has_no_grace() -> None:
    over = cancel(pay(None, "pro", 30, START, START), START + DAY)
    assert over.until == START + 30 * DAY
    assert settled(over, START + 30 * DAY).state is SubscriptionState.EXPIRED


def test_cancelling_within_the_grace_ends_it_at_once() -> None:
    over = cancel(pay(None, "pro", 30, START, START), START + 31 * DAY)
    assert over.state is SubscriptionState.EXPIRED


def test_a_cancellation_can_be_taken_back_before_the_end() -> None:
    paid = pay(None, "pro", 30, START, START)
    over = cancel(paid, START + DAY)
    assert resume(over, START + 2 * DAY) == paid
    with pytest.raises(Conflict):
        resume(over, START + 30 * DAY)


def test_a_higher_plan_comes_at_once_and_is_worth_what_was_left() -> None:
    paid = pay(None, "basic", 30, START, START)
    higher = change_plan(paid, "pro", START)
    assert entitled(higher, START) == "pro"
    assert abs(higher.paid_until - START - 30 * DAY * 2_900 / 9_900) <= timedelta(seconds=1)


def test_a_change_just_before_the_end_gives_no_grace_on_the_higher_plan() -> None:
    paid = pay(None, "basic", 30, START, START)
    when = START + 30 * DAY - HOUR
    higher = change_plan(paid, "pro", when)
    assert higher.until == higher.paid_until
    assert entitled(settled(higher, when + HOUR), when + HOUR) == "free"


def test_a_lower_plan_comes_at_the_end_and_has_the_grace() -> None:
    paid = change_plan(pay(None, "pro", 30, START, START), "basic", START + DAY)
    end = START + 30 * DAY
    assert entitled(paid, end - HOUR) == "pro"
    assert paid.until == end
    later = settled(paid, end)
    assert (later.plan, later.state, later.until) == (
        "basic",
        SubscriptionState.PAST_DUE,
        end + GRACE,
    )


def test_a_lower_plan_comes_after_a_failed_payment_too() -> None:
    changed = change_plan(pay(None, "pro", 30, START, START), "basic", START + DAY)
    failed = fail_payment(changed, START + 2 * DAY, START + 2 * DAY)
    assert failed is not None
    later = settled(failed, START + 30 * DAY)
    assert (later.plan, later.state) == ("basic", SubscriptionState.PAST_DUE)


def test_a_change_that_has_not_come_yet_can_be_taken_back() -> None:
    paid = pay(None, "pro", 30, START, START)
    changed = change_plan(paid, "basic", START + DAY)
    assert change_plan(changed, "pro", START + DAY) == paid


def test_a_trial_changes_its_plan_at_once() -> None:
    trial = start_trial(None, "pro", START)
    changed = change_plan(trial, "basic", START + DAY)
    assert (changed.plan, changed.until) == ("basic", trial.until)


def test_a_refund_ends_it_at_once() -> None:
    gone = refund(pay(None, "pro", 30, START, START), START + DAY)
    assert entitled(gone, START + DAY) == "free"
    assert refund(gone, START + 2 * DAY) == gone


def test_a_refund_leaves_a_trial_alone() -> None:
    trial = start_trial(None, "pro", START)
    assert refund(trial, START + DAY) == trial


@pytest.mark.parametrize("plan", ["free", "gold", "test", ""])
def test_only_plans_that_cost_something_are_paid_for(plan: str) -> None:
    attempts: tuple[Callable[[], Subscription], ...] = (
        lambda: start_trial(None, plan, START),
        lambda: pay(None, plan, 30, START, START),
        lambda: change_plan(pay(None, "basic", 30, START, START), plan, START),
    )
    for attempt in attempts:
        with pytest.raises(InvalidInput, match="no such plan"):
            attempt()


@pytest.mark.parametrize("days", [-1, 0, 367, 10**9])
def test_days_that_are_paid_for_are_in_bounds(days: int) -> None:
    with pytest.raises(InvalidInput, match="out of range"):
        pay(None, "basic", days, START, START)


def test_nobody_pays_endlessly_ahead() -> None:
    paid = pay(pay(None, "basic", 366, START, START), "basic", 366, START, START)
    with pytest.raises(InvalidInput, match="far ahead"):
        pay(paid, "basic", 1, START, START)


def test_the_table_and_nothing_else_says_what_is_refused() -> None:
    now = START + DAY
    paid = pay(None, "basic", 30, START, START)
    late = fail_payment(paid, START + HOUR, START + HOUR)
    states: dict[SubscriptionState | None, tuple[Subscription | None, datetime]] = {
        None: (None, now),
        SubscriptionState.TRIAL: (start_trial(None, "basic", START), now),
        SubscriptionState.ACTIVE: (paid, now),
        SubscriptionState.PAST_DUE: (late, now),
        SubscriptionState.CANCELLED: (cancel(paid, START), now),
        SubscriptionState.EXPIRED: (settled(paid, START + 90 * DAY), START + 90 * DAY),
    }
    asked: dict[Happening, Callable[[Subscription | None, datetime], Subscription]] = {
        Happening.TRIAL_STARTED: lambda old, at: start_trial(old, "basic", at),
        Happening.PAID: lambda old, at: pay(old, "basic", 30, at, at),
        Happening.CANCELLED: cancel,
        Happening.RESUMED: resume,
        Happening.PLAN_CHANGED: lambda old, at: change_plan(old, "pro", at),
    }
    for state, (old, at) in states.items():
        for happening, attempt in asked.items():
            if (state, happening) in TRANSITIONS:
                assert attempt(old, at).state is TRANSITIONS[state, happening]
            else:
                with pytest.raises(Conflict):
                    attempt(old, at)


class _Model:
    """The same rules, hour by hour and without a table, and what was had and paid for."""

    def __init__(self) -> None:
        self.plan, self.state, self.next_plan, self.paid_plan = "free", "none", "", ""
        self.end = START
        self.had_trial = False
        self.last_paid = START - DAY
        self.had = 0.0  # Cents' worth of plans.
        self.paid = 0.0
        self.graces = 1

    def price(self, plan: str) -> int:
        return PLANS[plan].monthly_cents

    def grace(self) -> timedelta:
        if not self.paid_plan or self.next_plan or self.state not in {"active", "past due"}:
            return timedelta(0)
        return GRACE if self.price(self.plan) <= self.price(self.paid_plan) else timedelta(0)

    def expire(self) -> None:
        self.state = "expired"
        self.graces += 1

    def settle(self, now: datetime) -> None:
        if self.state in {"active", "past due"} and self.next_plan and now >= self.end:
            self.plan, self.next_plan, self.state = self.next_plan, "", "past due"
        if self.state in {"trial", "cancelled"} and now >= self.end:
            self.expire()
        if self.state == "active" and now >= self.end:
            self.state = "past due"
        if self.state == "past due" and now >= self.end + self.grace():
            self.expire()

    def has(self, now: datetime) -> str:
        if self.state in {"none", "expired"} or now >= self.end + self.grace():
            return "free"
        return self.plan

    def turn_into(self, plan: str, now: datetime) -> None:
        if plan != self.plan:
            worth = (self.end - now) * self.price(self.plan) // self.price(plan)
            self.end = now + worth // timedelta(seconds=1) * timedelta(seconds=1)
        self.plan = plan


class SubscriptionMachine(RuleBasedStateMachine):
    """The table against the model, at random times."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.real: Subscription | None = None
        # The same, but brought up to date only when something happens to it.
        self.lazy: Subscription | None = None
        self.model = _Model()

    def _both(self, real: Subscription | None, lazy: Subscription | None) -> None:
        self.real, self.lazy = real, lazy
        self.model.settle(self.now)

    @rule(hours=st.sampled_from([1, 5, 24, 100, 168, 400, 900]))
    def time_passes(self, hours: int) -> None:
        for _ in range(hours):
            had = self.model.has(self.now)
            self.model.had += self.model.price(had) / 720
            self.now += HOUR
            self.model.settle(self.now)
        if self.real:
            self.real = settled(self.real, self.now)

    @precondition(lambda self: self.model.state in {"none", "expired"})
    @rule(plan=st.sampled_from(["basic", "pro"]))
    def a_trial_starts(self, plan: str) -> None:
        if self.model.had_trial:
            with pytest.raises(Conflict):
                start_trial(self.real, plan, self.now)
            return
        self.model.state, self.model.plan, self.model.had_trial = "trial", plan, True
        self.model.end, self.model.paid_plan = self.now + TRIAL, ""
        self.model.paid += 14 * self.model.price("pro") / 30
        self._both(start_trial(self.real, plan, self.now), start_trial(self.lazy, plan, self.now))

    @rule(plan=st.sampled_from(["basic", "pro"]), days=st.integers(1, 40), late=st.booleans())
    def a_payment_comes(self, plan: str, days: int, late: bool) -> None:
        at = self.now - DAY if late else self.now
        model = self.model
        assume(model.end - self.now < 60 * DAY)
        if model.state in {"none", "expired"} or (model.state == "trial" and plan != model.plan):
            model.end, model.plan = self.now, plan
        model.turn_into(plan, self.now)
        model.end += days * DAY
        model.state, model.next_plan, model.paid_plan = "active", "", plan
        model.last_paid = max(model.last_paid, at)
        model.paid += days * model.price(plan) / 30
        self._both(
            pay(self.real, plan, days, at, self.now), pay(self.lazy, plan, days, at, self.now)
        )

    @precondition(lambda self: self.model.state != "none")
    @rule(late=st.booleans())
    def a_payment_fails(self, late: bool) -> None:
        at = self.now - DAY if late else self.now
        if self.model.state == "active" and not (
            self.model.paid_plan and at <= self.model.last_paid
        ):
            self.model.state = "past due"
        self._both(fail_payment(self.real, at, self.now), fail_payment(self.lazy, at, self.now))

    @precondition(lambda self: self.model.state in {"active", "past due"})
    @rule()
    def it_is_cancelled(self) -> None:
        self.model.state, self.model.next_plan = "cancelled", ""
        self._both(cancel(self.real, self.now), cancel(self.lazy, self.now))

    @precondition(lambda self: self.model.state == "cancelled")
    @rule()
    def it_is_resumed(self) -> None:
        self.model.state = "active"
        self._both(resume(self.real, self.now), resume(self.lazy, self.now))

    @precondition(lambda self: self.model.state in {"active", "trial"})
    @rule(plan=st.sampled_from(["basic", "pro"]))
    def the_plan_is_changed(self, plan: str) -> None:
        model = self.model
        if model.state == "trial":
            model.plan = plan
        elif model.price(plan) < model.price(model.plan):
            model.next_plan = plan
        else:
            model.next_plan = ""
            model.turn_into(plan, self.now)
        self._both(change_plan(self.real, plan, self.now), change_plan(self.lazy, plan, self.now))

    @rule()
    def money_goes_back(self) -> None:
        if self.model.state in {"active", "past due", "cancelled"}:
            self.model.next_plan = ""
            self.model.expire()
        self._both(refund(self.real, self.now), refund(self.lazy, self.now))

    @invariant()
    def all_agree_on_what_is_had(self) -> None:
        assert entitled(self.real, self.now) == self.model.has(self.now)
        state = self.real.state if self.real else "none"
        assert state == self.model.state

    @invariant()
    def looking_rarely_changes_nothing_and_gives_no_more(self) -> None:
        if self.lazy is None:
            return
        assert settled(self.lazy, self.now) == self.real
        lazily = entitled(self.lazy, self.now)
        assert lazily in {"free", entitled(self.real, self.now)}

    @invariant()
    def nobody_has_more_than_was_paid_for_and_the_graces(self) -> None:
        grace = GRACE.days * self.model.price("pro") / 30
        assert self.model.had <= self.model.paid + self.model.graces * grace + 1e-6

    @invariant()
    def time_alone_changes_it_when_it_says_so(self) -> None:
        due = due_at(self.real) if self.real else None
        if self.real and due:
            assert due > self.now
            assert settled(self.real, due) != self.real
            assert settled(self.real, due - timedelta(microseconds=1)) == self.real


TestSubscriptionMachine = SubscriptionMachine.TestCase


@given(
    days=st.integers(1, 366),
    plan=st.sampled_from(["basic", "pro"]),
    after_s=st.integers(0, 400 * 86_400),
)
def test_an_entitlement_never_outlives_what_was_paid_and_its_grace(
    days: int, plan: str, after_s: int
) -> None:
    paid = pay(None, plan, days, START, START)
    now = START + timedelta(seconds=after_s)
    for seen in (paid, settled(paid, now)):
        assert (entitled(seen, now) == plan) == (now < START + days * DAY + GRACE)
