"""Subscriptions in PostgreSQL, and what providers tell of them."""

import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.billing.manual import ManualBilling
from alpine_service.adapters.postgres.api_keys import KeyTable
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.subscriptions import SubscriptionTable
from alpine_service.adapters.postgres.usage import UsageTable
from alpine_service.domain.plans.billing import BillingEvent, BillingKind, KnownBefore, bill
from alpine_service.domain.plans.plan import FREE, NOTHING, PLANS
from alpine_service.domain.plans.subscription import (
    GRACE,
    TRIAL,
    Subscription,
    SubscriptionState,
    pay,
)
from alpine_service.errors import Conflict, InvalidInput, NotThere
from alpine_service.services.renewals import LOOK_EVERY_S, Renewals
from alpine_service.services.subscriptions import Deed, Subscriptions
from alpine_service.testing.fake_clock import BEGINNING, FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

DEED = Deed("usr_admin", "192.0.2.1")
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def observer() -> FakeObserver:
    return FakeObserver()


@pytest_asyncio.fixture
async def user(database: TestDatabase) -> str:
    return await add_user(database.app, "usr_one")


@pytest.fixture
def service(database: TestDatabase, clock: FakeClock, observer: FakeObserver) -> Subscriptions:
    return Subscriptions(
        SubscriptionTable(database.app), ManualBilling("pay@alpine.example"), clock, observer
    )


@pytest.fixture
def renewals(database: TestDatabase, clock: FakeClock, observer: FakeObserver) -> Renewals:
    return Renewals(
        SubscriptionTable(database.app),
        KeyTable(database.app),
        UsageTable(database.app),
        clock,
        observer,
    )


async def deeds(database: TestDatabase) -> list[str]:
    rows = await database.app.fetch("SELECT deed FROM audit ORDER BY number")
    return [row["deed"] for row in rows]


async def test_a_subscription_is_kept_as_it_is(
    database: TestDatabase, service: Subscriptions, user: str, clock: FakeClock
) -> None:
    assert await service.get(user) is None
    trial = await service.start_trial(user, "pro", DEED)
    assert await service.get(user) == trial
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    lower = await service.change_plan(user, "basic", DEED)
    assert (lower.next_plan, lower.paid_plan, lower.last_paid_at) == ("basic", "pro", clock.now())
    await service.cancel(user, DEED)
    resumed = await service.resume(user, DEED)
    assert await service.get(user) == resumed
    assert await deeds(database) == [
        "subscription.trial",
        "billing.paid",
        "subscription.plan",
        "subscription.cancelled",
        "subscription.resumed",
    ]


async def test_what_is_refused_leaves_no_trace(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    with pytest.raises(Conflict):
        await service.cancel(user, DEED)
    with pytest.raises(NotThere):
        await service.start_trial("usr_nobody", "pro", DEED)
    assert await service.get(user) is None
    assert await deeds(database) == []


async def test_a_payment_counts_once_however_often_it_is_told(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    first = await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    again = await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    assert first.is_new
    assert first.is_applied
    assert not again.is_new
    assert again.subscription == first.subscription
    assert len(await service.billing(user)) == 1
    assert await deeds(database) == ["billing.paid"]


async def test_a_payment_told_many_times_at_once_counts_once(
    service: Subscriptions, user: str, clock: FakeClock
) -> None:
    told = await asyncio.gather(
        *(
            service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
            for _ in range(8)
        )
    )
    assert sum(each.is_new for each in told) == 1
    subscription = await service.get(user)
    assert subscription is not None
    assert subscription.paid_until == clock.now() + 30 * DAY


async def test_payments_at_once_all_count(
    service: Subscriptions, user: str, clock: FakeClock
) -> None:
    await asyncio.gather(
        *(
            service.record(user, BillingKind.PAID, f"inv-{number}", DEED, plan="pro", days=10)
            for number in range(6)
        )
    )
    subscription = await service.get(user)
    assert subscription is not None
    assert subscription.paid_until == clock.now() + 60 * DAY


async def test_one_reference_is_of_one_payment(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    other = await add_user(database.app, "usr_two")
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    for who, days in ((other, 30), (user, 31)):
        with pytest.raises(Conflict, match="reference"):
            await service.record(who, BillingKind.PAID, "inv-1", DEED, plan="pro", days=days)
    assert await service.get(other) is None


async def test_one_reference_is_of_one_payment_when_told_of_two_accounts_at_once(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    people = [user, *[await add_user(database.app, f"usr_{number}") for number in range(5)]]
    told = await asyncio.gather(
        *(
            service.record(who, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
            for who in people
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in told) == 5
    assert len([who for who in people if await service.get(who)]) == 1


async def test_a_grant_is_as_good_as_a_payment_and_called_what_it_is(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    await service.record(user, BillingKind.GRANTED, "press", DEED, plan="basic", days=90)
    (shown,) = await service.billing(user)
    assert (shown.kind, shown.by) == (BillingKind.GRANTED, DEED.actor)
    assert (await Entitlements(database.app).of([user], BEGINNING))[user].plan == "basic"


async def test_a_refund_of_what_runs_ends_it(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    gone = await service.record(user, BillingKind.REFUNDED, "ref-1", DEED, refunds="inv-1")
    assert gone.is_applied
    assert await Entitlements(database.app).entitlement_now(user, BEGINNING) == FREE


async def test_a_refund_of_what_was_had_changes_nothing_now(
    service: Subscriptions, user: str, clock: FakeClock
) -> None:
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    await clock.advance(31 * 86_400)
    await service.record(user, BillingKind.PAID, "inv-2", DEED, plan="pro", days=30)
    told = await service.record(user, BillingKind.REFUNDED, "ref-1", DEED, refunds="inv-1")
    assert not told.is_applied
    assert told.subscription is not None
    assert told.subscription.state is SubscriptionState.ACTIVE


async def test_a_refund_may_come_before_its_payment(
    service: Subscriptions, user: str, observer: FakeObserver
) -> None:
    early = await service.record(user, BillingKind.REFUNDED, "ref-1", DEED, refunds="inv-1")
    late = await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    assert not early.is_applied
    assert not late.is_applied
    assert await service.get(user) is None
    assert [each.weight for each in observer.told] == ["warning", "warning"]


async def test_a_refund_of_somebody_elses_payment_touches_nobody(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    other = await add_user(database.app, "usr_two")
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    await service.record(other, BillingKind.PAID, "inv-2", DEED, plan="pro", days=30)
    await service.record(other, BillingKind.REFUNDED, "ref-1", DEED, refunds="inv-1")
    for who in (user, other):
        subscription = await service.get(who)
        assert subscription is not None
        assert subscription.state is SubscriptionState.ACTIVE


async def test_a_failure_that_comes_late_is_no_news(
    service: Subscriptions, user: str, clock: FakeClock
) -> None:
    failed_at = clock.now()
    await clock.advance(3_600)
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    failure = BillingEvent("manual", "fail-1", BillingKind.FAILED, user, failed_at)
    told = await service.bill(failure, DEED)
    assert not told.is_applied
    now = BillingEvent("manual", "fail-2", BillingKind.FAILED, user, clock.now() + DAY / 1_440)
    assert (await service.bill(now, DEED)).is_applied


@pytest.mark.parametrize("reference", ["", "x" * 121, "a\nb"])
async def test_a_reference_can_be_shown(service: Subscriptions, user: str, reference: str) -> None:
    with pytest.raises(InvalidInput, match="reference"):
        await service.record(user, BillingKind.PAID, reference, DEED, plan="pro", days=30)


async def test_nothing_is_paid_in_the_future(
    service: Subscriptions, user: str, clock: FakeClock
) -> None:
    event = BillingEvent("m", "1", BillingKind.PAID, user, clock.now() + DAY, "pro", 30)
    with pytest.raises(InvalidInput, match="at"):
        await service.bill(event, DEED)


@pytest.mark.parametrize(
    "event",
    [
        BillingEvent("m", "1", BillingKind.PAID, "u", BEGINNING, plan="pro"),
        BillingEvent("m", "1", BillingKind.GRANTED, "u", BEGINNING, days=3),
        BillingEvent("m", "1", BillingKind.PAID, "u", BEGINNING, plan="gold", days=3),
        BillingEvent("m", "1", BillingKind.PAID, "u", BEGINNING, plan="pro", days=2**40),
        BillingEvent("m", "1", BillingKind.PAID, "u", BEGINNING, "pro", 3, refunds="2"),
        BillingEvent("m", "1", BillingKind.FAILED, "u", BEGINNING, plan="pro"),
        BillingEvent("m", "1", BillingKind.FAILED, "u", BEGINNING, days=3),
        BillingEvent("m", "1", BillingKind.REFUNDED, "u", BEGINNING),
        BillingEvent("m", "1", BillingKind.REFUNDED, "u", BEGINNING, refunds="a\0"),
    ],
)
def test_an_event_says_what_it_is_about(event: BillingEvent) -> None:
    with pytest.raises(InvalidInput):
        bill(None, event, KnownBefore(), BEGINNING)


async def test_it_says_how_to_pay_for_each_plan_that_costs(
    service: Subscriptions, user: str
) -> None:
    ways = await service.how_to_pay(user)
    assert set(ways) == {"basic", "pro"}
    assert "29.00" in ways["basic"].words
    assert user in ways["pro"].words


async def test_a_suspended_account_and_one_that_is_not_there_have_nothing(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    shut = await add_user(database.app, "usr_shut", suspended_at=BEGINNING)
    free = await add_user(database.app, "usr_free")
    for who in (user, shut):
        await service.record(who, BillingKind.PAID, who, DEED, plan="pro", days=30)
    table = Entitlements(database.app)
    assert await table.of([user, shut, free, "usr_gone"], BEGINNING) == {
        user: PLANS["pro"].entitlement,
        shut: NOTHING,
        free: FREE,
        "usr_gone": NOTHING,
    }
    assert await table.of([], BEGINNING) == {}


async def test_an_address_has_one_trial_whatever_becomes_of_its_account(
    service: Subscriptions, database: TestDatabase
) -> None:
    await add_user(database.app, "usr_bob")
    await service.start_trial("usr_bob", "pro", DEED)
    await database.app.execute("DELETE FROM users WHERE id = 'usr_bob'")
    await add_user(database.app, "usr_bob")

    with pytest.raises(Conflict):
        await service.start_trial("usr_bob", "basic", DEED)

    assert await service.get("usr_bob") is None
    kept = await database.owner.fetch("SELECT * FROM trials_had")
    assert "usr_bob@people.example" not in str([dict(row) for row in kept])


async def test_time_ends_a_trial_a_period_and_a_grace_on_their_own(
    database: TestDatabase,
    service: Subscriptions,
    renewals: Renewals,
    clock: FakeClock,
    user: str,
) -> None:
    other = await add_user(database.app, "usr_two")
    await service.start_trial(user, "basic", DEED)
    await service.record(other, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    assert await renewals.settle() == LOOK_EVERY_S
    await clock.advance(TRIAL.total_seconds() - 10)
    assert await renewals.settle() == 10
    await clock.advance(10)
    await renewals.settle()
    ended = await service.get(user)
    assert ended is not None
    assert ended.state is SubscriptionState.EXPIRED
    await clock.advance((30 * DAY - TRIAL).total_seconds())
    await renewals.settle()
    late = await service.get(other)
    assert late is not None
    assert late.state is SubscriptionState.PAST_DUE
    await clock.advance(GRACE.total_seconds())
    await renewals.settle()
    over = await service.get(other)
    assert over is not None
    assert over.state is SubscriptionState.EXPIRED
    assert (await deeds(database))[2:] == ["subscription.settled"] * 3


async def test_time_that_was_missed_is_caught_up_at_once(
    database: TestDatabase,
    service: Subscriptions,
    renewals: Renewals,
    clock: FakeClock,
    observer: FakeObserver,
) -> None:
    people = [await add_user(database.app, f"usr_{number}") for number in range(120)]
    for who in people:
        await service.record(who, BillingKind.PAID, who, DEED, plan="pro", days=30)
    await clock.advance(365 * 86_400)
    assert await renewals.settle() == LOOK_EVERY_S
    states = await database.app.fetch("SELECT state, count(*) FROM subscriptions GROUP BY state")
    assert [tuple(row) for row in states] == [("expired", 120)]
    counts = [each.facts["count"] for each in observer.told if each.what == "subscription.settled"]
    assert counts == [100, 20]


async def test_what_somebody_works_on_is_left_to_the_next_look(
    database: TestDatabase, service: Subscriptions, renewals: Renewals, clock: FakeClock, user: str
) -> None:
    await service.start_trial(user, "basic", DEED)
    await clock.advance(TRIAL.total_seconds())
    async with database.app.transaction() as connection:
        await connection.execute("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", user)
        assert await renewals.settle() == 1.0
    assert await renewals.settle() == LOOK_EVERY_S


async def test_two_that_renew_at_once_do_it_once(
    database: TestDatabase, service: Subscriptions, renewals: Renewals, clock: FakeClock, user: str
) -> None:
    await service.start_trial(user, "basic", DEED)
    await clock.advance(TRIAL.total_seconds())
    await asyncio.gather(*(renewals.settle() for _ in range(5)))
    assert (await deeds(database)).count("subscription.settled") == 1


async def test_renewals_run_until_they_are_stopped(
    database: TestDatabase, service: Subscriptions, renewals: Renewals, clock: FakeClock, user: str
) -> None:
    await service.start_trial(user, "basic", DEED)
    task = asyncio.create_task(renewals.run())
    for _ in range(200):
        subscription = await service.get(user)
        if subscription is not None and subscription.state is SubscriptionState.EXPIRED:
            break
        # In steps, because between two of them the database answers in its own time.
        await clock.advance(2 * 3_600)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert subscription is not None
    assert subscription.state is SubscriptionState.EXPIRED


async def test_counts_and_keys_that_are_long_dead_are_swept(
    database: TestDatabase, renewals: Renewals, clock: FakeClock, user: str
) -> None:
    for day in (BEGINNING.date(), (BEGINNING - 92 * DAY).date(), (BEGINNING - 93 * DAY).date()):
        await database.app.execute("INSERT INTO usage VALUES ($1, 'keys', $2, 1, 1)", user, day)
    for number, revoked in enumerate((None, BEGINNING, BEGINNING - 31 * DAY)):
        await database.app.execute(
            "INSERT INTO api_keys (id, user_id, digest, is_test, name, hint, scopes, created_at,"
            " revoked_at) VALUES ($1, $2, $3, false, 'n', 'h', '{signals}', $4, $5)",
            f"key_{number}",
            user,
            bytes([number]) * 32,
            BEGINNING,
            revoked,
        )
    await renewals.sweep()
    assert await database.app.fetchval("SELECT count(*) FROM usage") == 2
    assert await database.app.fetchval("SELECT count(*) FROM api_keys") == 2


async def test_a_deleted_account_leaves_what_was_paid_without_its_name(
    database: TestDatabase, service: Subscriptions, user: str
) -> None:
    await service.record(user, BillingKind.PAID, "inv-1", DEED, plan="pro", days=30)
    await database.app.execute("DELETE FROM users WHERE id = $1", user)
    assert await service.get(user) is None
    rows = await database.app.fetch("SELECT reference, user_id FROM billing_events")
    assert [tuple(row) for row in rows] == [("inv-1", None)]


Told = tuple[str, int, int]


def outcome(order: list[Told]) -> Subscription | None:
    """What becomes of events, each of which is taken once."""
    subscription: Subscription | None = None
    seen: dict[tuple[str, int], datetime | None] = {}
    for kind, number, at_h in order:
        if (kind, number) in seen:
            continue
        at = BEGINNING + timedelta(hours=at_h)
        event = {
            "pay": BillingEvent("m", f"p{number}", BillingKind.PAID, "u", at, "pro", 10),
            "fail": BillingEvent("m", f"f{number}", BillingKind.FAILED, "u", at),
            "refund": BillingEvent(
                "m", f"r{number}", BillingKind.REFUNDED, "u", at, refunds=f"p{number}"
            ),
        }[kind]
        known = KnownBefore(("refund", number) in seen, seen.get(("pay", number)))
        subscription, applied = bill(subscription, event, known, BEGINNING + DAY)
        seen[kind, number] = subscription.paid_until if applied and subscription else None
    return subscription


def told(kinds: list[str]) -> st.SearchStrategy[list[Told]]:
    """Events of a provider, each of a time of its own."""
    return st.lists(
        st.tuples(st.sampled_from(kinds), st.integers(0, 3), st.integers(0, 5)),
        max_size=10,
        unique_by=lambda each: each[:2],
    )


@given(told(["pay", "fail", "refund"]), st.data())
def test_events_told_twice_are_as_good_as_told_once(
    events: list[Told], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(events))
    assert outcome([*events, *again]) == outcome(events)


@given(told(["pay"]), st.data())
def test_payments_end_alike_in_whatever_order_they_come(
    events: list[Told], data: st.DataObject
) -> None:
    assert outcome(list(data.draw(st.permutations(events)))) == outcome(events)


@given(told(["pay", "refund"]), st.data())
def test_nobody_has_more_by_refunds_that_come_out_of_order(
    events: list[Told], data: st.DataObject
) -> None:
    refunded = {number for kind, number, _ in events if kind == "refund"}
    kept = [each for each in events if each[0] == "pay" and each[1] not in refunded]
    ended = outcome(list(data.draw(st.permutations(events))))
    paid = outcome(kept)
    end = ended.until if ended and ended.state is not SubscriptionState.EXPIRED else BEGINNING + DAY
    assert end <= (paid.until if paid else BEGINNING + DAY)


def test_a_payment_is_worth_the_same_before_and_after_a_failure() -> None:
    first = pay(None, "pro", 10, BEGINNING, BEGINNING)
    failure = BillingEvent("m", "f", BillingKind.FAILED, "u", BEGINNING + DAY)
    payment = BillingEvent("m", "p", BillingKind.PAID, "u", BEGINNING + 2 * DAY, "pro", 10)
    now = BEGINNING + 3 * DAY
    ends = []
    for order in ((failure, payment), (payment, failure)):
        subscription: Subscription | None = first
        for event in order:
            subscription, _ = bill(subscription, event, KnownBefore(), now)
        ends.append(subscription)
    assert ends[0] == ends[1]
