import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from attrs import evolve

from alpine_service.adapters.postgres.delivery_records import PostgresDeliveryRecords
from alpine_service.adapters.postgres.expired_deliveries import ExpiredDeliveries
from alpine_service.adapters.postgres.outbox import PostgresOutbox
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.domain.delivery.answer import Answer
from alpine_service.domain.delivery.endpoint import OffReason, State
from alpine_service.domain.delivery.errand import (
    Delivery,
    DeliveryState,
    EndReason,
    Errand,
    Result,
    settle,
)
from alpine_service.domain.delivery.message import message_id
from alpine_service.domain.delivery.pace import Pace
from alpine_service.domain.delivery.schedule import SCHEDULE
from alpine_service.domain.delivery.webhook import Change
from alpine_service.domain.delivery.wishes import Filters, NewDelivery
from alpine_service.domain.signals.event import EventKind
from alpine_service.ports.webhooks import Place, TurnedOff
from alpine_service.testing.deliveries import deed, new_event, tell_events, webhook
from alpine_service.testing.fake_clock import BEGINNING
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

MINUTE = timedelta(minutes=1)
LEASE = MINUTE
WIDE = Pace(at_once=100, per_s=1_000.0, burst=1_000)
GOOD = Answer(0.02, 200)
BAD = Answer(0.03, 500, excerpt="sorry")


class Stores:
    """The stores of delivery over one database, and what tests do with them all the time."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database.app
        self.outbox = PostgresOutbox(database.app, "https://alpine.example")
        self.webhooks = PostgresWebhooks(database.app)
        self.records = PostgresDeliveryRecords(database.app)
        self._entries = 0
        self._leases = 0

    async def make(self, webhook_id: str, count: int = 1, at: datetime = BEGINNING) -> list[str]:
        """So many deliveries to that endpoint; their ids."""
        new = [new_event(self._entries + each) for each in range(count)]
        self._entries += count
        numbers = await tell_events(self.database, new)
        made = [
            NewDelivery(message_id(webhook_id, f"evt_{number}"), webhook_id, number)
            for number in numbers
        ]
        assert await self.records.add(made, at) == count
        return [each.id for each in made]

    async def claim(
        self, now: datetime = BEGINNING, room: int = 100, pace: Pace = WIDE
    ) -> list[Errand]:
        self._leases += 1
        return await self.outbox.claim(f"lease_{self._leases}", now, now + LEASE, room, pace)

    async def one(self, delivery_id: str, webhook_id: str = "whk_1") -> Delivery:
        (found,) = [
            each
            for each in await self.records.page(webhook_id, None, None, 100)
            if each.id == delivery_id
        ]
        return found


@pytest_asyncio.fixture
async def stores(database: TestDatabase) -> Stores:
    made = Stores(database)
    await add_user(database.app, "usr_1")
    await made.webhooks.add(webhook("whk_1", "usr_1"), b"sealed 1", 10, BEGINNING, deed("whk_1"))
    return made


def ended(errand: Errand, answer: Answer, now: datetime = BEGINNING) -> Result:
    return settle(errand, answer, begun_at=now, now=now, chance=0.0, schedule=SCHEDULE)


async def test_a_delivery_is_claimed_by_one_only(stores: Stores) -> None:
    ids = await stores.make("whk_1", 5)

    first, second = await asyncio.gather(stores.claim(room=3), stores.claim(room=3))
    rest = await stores.claim()

    claimed = [each.id for each in (*first, *second, *rest)]
    assert sorted(claimed) == sorted(ids)


async def test_an_errand_has_all_that_is_needed_to_send_it(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")

    (errand,) = await stores.claim()

    assert (errand.id, errand.endpoint_id, errand.user_id) == (delivery_id, "whk_1", "usr_1")
    assert (errand.url, errand.tries, errand.era) == ("https://example.com/hook", 0, 0)
    assert errand.secrets == (b"sealed 1",)
    assert errand.body == (
        b'{"type":"signal.published","timestamp":"2026-03-02T12:00:00.000000Z",'
        b'"data":{"log_index":0}}'
    )


async def test_what_was_delivered_is_not_claimed_again(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    (errand,) = await stores.claim()

    await stores.outbox.record([ended(errand, GOOD)], BEGINNING)

    assert await stores.claim(BEGINNING + 100 * MINUTE) == []
    found = await stores.one(delivery_id)
    assert (found.state, found.attempt_count, found.due_at) == (DeliveryState.DELIVERED, 1, None)
    assert [(each.status, each.took_ms) for each in found.attempts] == [(200, 20)]


async def test_a_lease_that_is_over_is_given_to_another(stores: Stores) -> None:
    ids = await stores.make("whk_1")
    (lost,) = await stores.claim()

    assert await stores.claim(BEGINNING + LEASE - timedelta(microseconds=1)) == []
    (found,) = await stores.claim(BEGINNING + LEASE)

    assert [lost.id, found.id] == ids * 2
    assert lost.body == found.body


async def test_what_is_given_back_is_claimed_at_once(stores: Stores) -> None:
    await stores.make("whk_1", 3)
    first, second = await stores.claim(room=1), await stores.claim(room=1)
    (rest,) = await stores.claim()

    await stores.outbox.give_back({each.lease for each in (*first, *second)}, BEGINNING)

    assert await stores.claim() == [evolve(each, lease="lease_4") for each in (*first, *second)]
    assert await stores.claim(BEGINNING + LEASE - timedelta(microseconds=1)) == []
    assert rest.id in [each.id for each in await stores.claim(BEGINNING + LEASE)]


async def test_what_was_delivered_is_not_given_back(stores: Stores) -> None:
    await stores.make("whk_1")
    (errand,) = await stores.claim()
    await stores.outbox.record([ended(errand, GOOD)], BEGINNING)

    await stores.outbox.give_back({errand.lease}, BEGINNING)

    assert await stores.claim() == []


async def test_a_late_failure_changes_nothing_and_a_late_success_counts(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    (late,) = await stores.claim()
    now = BEGINNING + LEASE
    await stores.claim(now)

    await stores.outbox.record([ended(late, BAD, now)], now)
    assert (await stores.one(delivery_id)).attempt_count == 0
    await stores.outbox.record([ended(late, GOOD, now)], now)

    assert (await stores.one(delivery_id)).state is DeliveryState.DELIVERED
    assert await stores.claim(now + LEASE) == []


async def test_a_failure_comes_again_when_the_schedule_says(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    (errand,) = await stores.claim()

    await stores.outbox.record([ended(errand, BAD)], BEGINNING)

    due_at = BEGINNING + timedelta(seconds=5)
    assert (await stores.one(delivery_id)).due_at == due_at
    assert await stores.claim(due_at - timedelta(microseconds=1)) == []
    (again,) = await stores.claim(due_at)
    assert (again.tries, again.id, again.body) == (1, errand.id, errand.body)


async def test_after_the_last_failure_it_is_a_dead_letter_and_kept(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    now = BEGINNING
    for _ in SCHEDULE.delays_s:
        (errand,) = await stores.claim(now)
        result = ended(errand, BAD, now)
        await stores.outbox.record([result], now)
        now = result.due_at

    found = await stores.one(delivery_id)
    assert (found.state, found.reason) == (DeliveryState.DEAD, EndReason.EXHAUSTED)
    assert [each.number for each in found.attempts] == list(range(8, 0, -1))
    assert {each.excerpt for each in found.attempts} == {"sorry"}
    assert await stores.records.failed(None, 10) == [found]


async def test_410_turns_off_cancels_and_writes_to_the_owner(stores: Stores) -> None:
    ids = await stores.make("whk_1", 3)
    first, *_ = await stores.claim(room=1)

    off = await stores.outbox.record([ended(first, Answer(0.1, 410))], BEGINNING)

    assert off == [TurnedOff("whk_1", OffReason.GONE)]
    found = await stores.webhooks.get("usr_1", "whk_1")
    assert found is not None
    assert found.health.state is State.OFF
    states = {each.id: each.state for each in await stores.records.page("whk_1", None, None, 9)}
    assert states == {
        each: DeliveryState.DEAD if each == first.id else DeliveryState.CANCELLED for each in ids
    }
    (mail,) = await stores.database.fetch("SELECT * FROM mail_queue")
    assert mail["recipient"] == "usr_1@people.example"
    for part in (mail["text"], mail["html"]):
        assert "whk_1" in part
        assert "/account/webhooks" in part
        assert "example.com/hook" not in part


async def test_nobody_is_written_to_whose_address_was_never_shown(stores: Stores) -> None:
    await stores.database.execute("UPDATE users SET verified_at = NULL")
    await stores.make("whk_1")
    (errand,) = await stores.claim()

    await stores.outbox.record([ended(errand, Answer(0.1, 410))], BEGINNING)

    assert await stores.database.fetchval("SELECT count(*) FROM mail_queue") == 0


async def test_five_days_of_failures_turn_an_endpoint_off(stores: Stores) -> None:
    now = BEGINNING
    for hours in (0, 60, 119, 120):
        now = BEGINNING + timedelta(hours=hours)
        await stores.make("whk_1", at=now)
        errands = await stores.claim(now)
        off = await stores.outbox.record([ended(each, BAD, now) for each in errands], now)
        assert off == ([TurnedOff("whk_1", OffReason.WORN_OUT)] if hours == 120 else [])

    assert await stores.claim(now + timedelta(days=30)) == []


async def test_a_success_makes_a_failing_endpoint_well(stores: Stores) -> None:
    await stores.make("whk_1", 2)
    one, other = await stores.claim()

    await stores.outbox.record([ended(one, BAD)], BEGINNING)
    failing = await stores.webhooks.get("usr_1", "whk_1")
    await stores.outbox.record([ended(other, GOOD)], BEGINNING)
    well = await stores.webhooks.get("usr_1", "whk_1")

    assert failing is not None
    assert well is not None
    assert (failing.health.state, failing.health.failing_since) == (State.FAILING, BEGINNING)
    assert (well.health.state, well.health.failing_since) == (State.ACTIVE, None)


async def test_an_answer_of_the_old_url_says_nothing_about_the_new_one(stores: Stores) -> None:
    await stores.make("whk_1")
    (errand,) = await stores.claim()
    change = Change(url="https://example.com/new")
    await stores.webhooks.change("usr_1", "whk_1", change, BEGINNING, deed("whk_1"))

    assert await stores.outbox.record([ended(errand, Answer(0.1, 410))], BEGINNING) == []

    found = await stores.webhooks.get("usr_1", "whk_1")
    assert found is not None
    assert found.health.state is State.ACTIVE


async def test_one_endpoint_never_has_more_under_way_than_allowed(stores: Stores) -> None:
    pace = evolve(WIDE, at_once=4)
    await stores.make("whk_1", 20)

    both = await asyncio.gather(stores.claim(pace=pace), stores.claim(pace=pace))
    more = await stores.claim(pace=pace)

    assert sum(len(each) for each in both) == 4
    assert more == []
    await stores.outbox.record([ended(each, GOOD) for each in (both[0] or both[1])[:1]], BEGINNING)
    assert len(await stores.claim(pace=pace)) == 1


async def test_one_endpoint_never_gets_more_in_a_second_than_allowed(stores: Stores) -> None:
    pace = Pace(at_once=100, per_s=10.0, burst=5)
    await stores.make("whk_1", 50)

    assert len(await stores.claim(pace=pace)) == 5
    assert await stores.claim(pace=pace) == []
    assert len(await stores.claim(BEGINNING + timedelta(seconds=0.3), pace=pace)) == 3


async def test_an_endpoint_with_much_to_do_does_not_hold_up_the_others(stores: Stores) -> None:
    for name in ("whk_2", "whk_3"):
        await stores.webhooks.add(webhook(name, "usr_1"), b"sealed", 10, BEGINNING, deed(name))
    await stores.make("whk_1", 50)
    await stores.make("whk_2", 2)
    await stores.make("whk_3", 50)

    claimed = [each.endpoint_id for each in await stores.claim(room=12)]

    assert {each: claimed.count(each) for each in claimed} == {"whk_1": 5, "whk_2": 2, "whk_3": 5}


async def test_with_little_room_everybody_has_a_turn(stores: Stores) -> None:
    for name in ("whk_2", "whk_3"):
        await stores.webhooks.add(webhook(name, "usr_1"), b"sealed", 10, BEGINNING, deed(name))
    for name in ("whk_1", "whk_2", "whk_3"):
        await stores.make(name, 9)

    turns = [
        (await stores.claim(BEGINNING + timedelta(seconds=each), room=1))[0].endpoint_id
        for each in range(6)
    ]

    assert turns == ["whk_1", "whk_2", "whk_3"] * 2


async def test_what_is_cancelled_is_not_sent(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    errands = await stores.claim()

    await stores.outbox.cancel(errands, EndReason.PLAN, BEGINNING)

    found = await stores.one(delivery_id)
    assert (found.state, found.reason) == (DeliveryState.CANCELLED, EndReason.PLAN)
    assert await stores.claim(BEGINNING + LEASE) == []


async def test_only_the_holder_of_a_lease_can_cancel(stores: Stores) -> None:
    await stores.make("whk_1")
    lost = await stores.claim()
    now = BEGINNING + LEASE
    await stores.claim(now)

    await stores.outbox.cancel(lost, EndReason.PLAN, now)

    assert len(await stores.claim(now + LEASE)) == 1


async def test_going_on_takes_place_once(stores: Stores) -> None:
    (number,) = await tell_events(stores.database, [new_event(100)])
    made = [NewDelivery(message_id("whk_1", f"evt_{number}"), "whk_1", number)]

    results = await asyncio.gather(
        *(stores.outbox.advance(0, number, made, BEGINNING) for _ in range(3))
    )

    assert sorted(results, key=str) == [1, None, None]
    assert await stores.outbox.told() == number


async def test_deliveries_of_endpoints_that_are_gone_or_off_are_not_made(stores: Stores) -> None:
    await stores.webhooks.change("usr_1", "whk_1", Change(is_on=False), BEGINNING, deed("whk_1"))
    (number,) = await tell_events(stores.database, [new_event(100)])
    made = [NewDelivery(f"msg_{name}", name, number) for name in ("whk_1", "whk_gone")]

    assert await stores.outbox.advance(0, number, made, BEGINNING) == 0


async def test_listeners_are_those_that_are_on_the_oldest_of_each_owner_first(
    stores: Stores,
) -> None:
    filters = Filters(
        frozenset({EventKind.SIGNAL_PUBLISHED}), frozenset({"AAPL"}), frozenset({"trend"})
    )
    older = webhook("whk_9", "usr_1", filters=filters, created_at=BEGINNING - MINUTE)
    await stores.webhooks.add(older, b"sealed", 10, BEGINNING - MINUTE, deed("whk_9"))
    off = webhook("whk_0", "usr_1")
    await stores.webhooks.add(off, b"sealed", 10, BEGINNING, deed("whk_0"))
    await stores.webhooks.change("usr_1", "whk_0", Change(is_on=False), BEGINNING, deed("whk_0"))

    listeners = await stores.outbox.listeners()

    assert [each.endpoint_id for each in listeners] == ["whk_9", "whk_1"]
    assert listeners[0].filters == filters


async def test_a_resent_delivery_begins_its_schedule_anew_with_the_same_id(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    for _ in range(2):
        (errand,) = await stores.claim()
        await stores.outbox.record([ended(errand, GOOD)], BEGINNING)
        assert await stores.records.resend("whk_1", delivery_id, BEGINNING)

    (again,) = await stores.claim()
    assert (again.id, again.tries) == (delivery_id, 0)
    assert (await stores.one(delivery_id)).attempt_count == 2


async def test_what_is_being_sent_is_not_sent_twice_by_a_resend(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    await stores.claim()

    assert await stores.records.resend("whk_1", delivery_id, BEGINNING)
    assert await stores.claim() == []


async def test_a_delivery_of_another_endpoint_cannot_be_resent(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")

    assert not await stores.records.resend("whk_2", delivery_id, BEGINNING)


async def test_of_many_attempts_the_newest_are_kept(stores: Stores) -> None:
    (delivery_id,) = await stores.make("whk_1")
    for _ in range(30):
        (errand,) = await stores.claim()
        await stores.outbox.record([ended(errand, GOOD)], BEGINNING)
        await stores.records.resend("whk_1", delivery_id, BEGINNING)

    found = await stores.one(delivery_id)
    assert [each.number for each in found.attempts] == list(range(30, 6, -1))


async def test_recovery_begins_anew_with_what_failed_or_waits_since(stores: Stores) -> None:
    later = BEGINNING + MINUTE
    (old,) = await stores.make("whk_1")
    (dead,) = await stores.make("whk_1", at=later)
    (waiting,) = await stores.make("whk_1", at=later)
    (good,) = await stores.make("whk_1", at=later)
    answers = {old: Answer(0.1, 410), dead: Answer(0.1, 410), waiting: BAD, good: GOOD}
    errands = await stores.claim(later)
    # In an era before, so that the endpoint stays on.
    results = [ended(evolve(each, era=-1), answers[each.id], later) for each in errands]
    await stores.outbox.record(results, later)

    assert await stores.records.revive("whk_1", later, 10, later) == 2

    assert {each.id for each in await stores.claim(later)} == {dead, waiting}


async def test_recovery_takes_no_more_than_its_limit_in_one_go(stores: Stores) -> None:
    await stores.make("whk_1", 3)
    errands = await stores.claim()
    results = [ended(evolve(each, era=-1), Answer(0.1, 410)) for each in errands]
    await stores.outbox.record(results, BEGINNING)

    counts = [await stores.records.revive("whk_1", BEGINNING, 2, BEGINNING) for _ in range(3)]

    assert counts == [2, 1, 0]


async def test_a_test_is_a_delivery_of_no_event(stores: Stores) -> None:
    await stores.records.add_test("whk_1", "msg_test", "webhook.test", b'{"a":1}', BEGINNING)

    (errand,) = await stores.claim()
    found = await stores.one("msg_test")

    assert (errand.id, errand.body) == ("msg_test", b'{"a":1}')
    assert (found.kind, found.event_number) == ("webhook.test", None)


async def test_pages_go_from_the_newest_to_the_oldest(stores: Stores) -> None:
    for minute in range(3):
        await stores.make("whk_1", 2, at=BEGINNING + minute * MINUTE)

    seen: list[Delivery] = []
    behind = None
    while page := await stores.records.page("whk_1", DeliveryState.PENDING, behind, 4):
        seen += page
        behind = Place(page[-1].made_at, page[-1].id)

    assert len({each.id for each in seen}) == 6
    assert [each.made_at for each in seen] == sorted((each.made_at for each in seen), reverse=True)
    assert await stores.records.page("whk_1", DeliveryState.DEAD, None, 4) == []


async def test_the_first_event_of_a_time_is_found(stores: Stores) -> None:
    numbers = await tell_events(
        stores.database, [new_event(each, at_us=each * 10) for each in range(3)]
    )

    assert await stores.records.first_since(5) == numbers[1]
    assert await stores.records.first_since(100) is None


@pytest.mark.parametrize(
    ("answer", "days"), [(GOOD, 30), (Answer(0.1, 410), 90)], ids=["delivered", "dead"]
)
async def test_what_ended_long_ago_is_deleted(stores: Stores, answer: Answer, days: int) -> None:
    await stores.make("whk_1")
    (errand,) = await stores.claim()
    await stores.outbox.record([ended(evolve(errand, era=-1), answer)], BEGINNING)
    await stores.make("whk_1")
    expired = ExpiredDeliveries(stores.database)
    end = BEGINNING + timedelta(days=days)

    assert await expired.sweep(end) == 0
    assert await expired.sweep(end + timedelta(microseconds=1)) == 1
    # What waits is never too old.
    assert await expired.sweep(end + timedelta(days=1_000)) == 0
    assert len(await stores.records.page("whk_1", None, None, 9)) == 1
