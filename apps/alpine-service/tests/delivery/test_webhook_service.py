"""Webhooks from end to end but for the network: service, fan-out, courier and stores."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from attrs import Factory, define, evolve, field

from alpine_service.adapters.postgres.delivery_records import PostgresDeliveryRecords
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.outbox import PostgresOutbox
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.domain.delivery.answer import Answer
from alpine_service.domain.delivery.endpoint import State
from alpine_service.domain.delivery.errand import DeliveryState, EndReason, Errand, Result
from alpine_service.domain.delivery.message import message_id
from alpine_service.domain.delivery.webhook import Change, check_filters
from alpine_service.domain.delivery.wishes import Filters
from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.plans.plan import FREE, PLANS
from alpine_service.domain.signals.event import Audience, EventKind
from alpine_service.errors import Conflict, DatabaseAway, InvalidInput, NotThere
from alpine_service.ports.observing import Weight
from alpine_service.ports.webhooks import Entitled, Post, TurnedOff
from alpine_service.services.courier import Courier, CourierNeeds, CourierPolicy
from alpine_service.services.fan_out import FanOut, FanOutPolicy
from alpine_service.services.subscriptions import Deed
from alpine_service.services.webhooks import Draft, MadeWebhook, WebhookNeeds, Webhooks
from alpine_service.testing.deliveries import (
    FakeSender,
    FakeVault,
    new_event,
    set_plan,
    tell_events,
)
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_events import FakeHint
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_tracer import FakeTracer
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

PRO = PLANS["pro"].entitlement
DEED = Deed("usr_1", "192.0.2.1")
URL = "https://example.com/hook"
DRAFT = Draft(URL, "mine", Filters())


@define
class House:
    """All that delivers, over one database, with a clock and receivers that are told."""

    database: TestDatabase
    clock: FakeClock = Factory(FakeClock)
    chance: FakeChance = Factory(FakeChance)
    observer: FakeObserver = Factory(FakeObserver)
    sender: FakeSender = Factory(FakeSender)
    hint: FakeHint = Factory(FakeHint)
    vault: FakeVault = Factory(FakeVault)
    entries: int = field(default=0)

    @property
    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self.database.app, "https://alpine.example")

    @property
    def webhooks(self) -> Webhooks:
        app = self.database.app
        needs = WebhookNeeds(
            PostgresWebhooks(app),
            PostgresDeliveryRecords(app),
            EventStore(app),
            self.vault,
            self.clock,
            self.chance,
        )
        return Webhooks(needs)

    @property
    def fan_out(self) -> FanOut:
        app = self.database.app
        return FanOut(
            self.outbox,
            EventStore(app),
            Entitlements(app),
            self.clock,
            self.observer,
            self.hint,
            FanOutPolicy(events=3, pairs=6),
        )

    def needs(self, entitled: Entitled | None = None) -> CourierNeeds:
        return CourierNeeds(
            self.outbox,
            entitled or Entitlements(self.database.app),
            self.sender,
            self.vault,
            self.clock,
            self.chance,
            self.observer,
        )

    def courier(self, policy: CourierPolicy | None = None) -> Courier:
        return Courier(self.needs(), policy or CourierPolicy())

    async def tell(self, count: int = 1, **facts: object) -> list[int]:
        events = [new_event(self.entries + each, **facts) for each in range(count)]  # type: ignore[arg-type]
        self.entries += count
        return list(await tell_events(self.database.app, events))

    async def fan(self) -> None:
        while await self.fan_out.turn():
            pass

    async def deliver(self) -> list[Errand]:
        """Fan out, and carry everything that is due now."""
        await self.fan()
        courier, carried = self.courier(), []
        while errands := await courier.claim(100):
            carried += errands
            await courier.record([await courier.attempt(each) for each in errands])
        return carried

    async def add(self, user_id: str = "usr_1", draft: Draft = DRAFT) -> MadeWebhook:
        return await self.webhooks.add(user_id, draft, PRO, evolve(DEED, actor=user_id))


@pytest_asyncio.fixture
async def house(database: TestDatabase) -> House:
    for user_id in ("usr_1", "usr_2"):
        await add_user(database.app, user_id)
        await set_plan(database.app, user_id, "pro")
    return House(database)


async def test_an_endpoint_is_told_what_happens_after_it_was_added(house: House) -> None:
    await house.tell(2)
    made = await house.add()
    numbers = await house.tell(8)

    await house.deliver()

    expected = [message_id(made.webhook.id, f"evt_{number}") for number in numbers]
    assert sorted(house.sender.ids()) == sorted(expected)


async def test_nothing_is_sent_twice_when_all_goes_well(house: House) -> None:
    await house.add()
    await house.tell(3)

    await house.deliver()
    await house.clock.advance(100_000)
    await house.deliver()

    assert len(house.sender.ids()) == 3


async def test_filters_are_kept(house: House) -> None:
    filters = check_filters((EventKind.OUTCOME_RESOLVED,), ("TSLA",), ("mean",))
    await house.add(draft=Draft(URL, "", filters))
    await house.tell(1)
    facts = {"kind": EventKind.OUTCOME_RESOLVED, "symbol": "TSLA", "strategy": "mean"}
    await house.tell(1, **facts)

    assert len(await house.deliver()) == 1


async def test_who_lost_the_plan_between_making_and_sending_gets_nothing(house: House) -> None:
    made = await house.add()
    await house.tell(1, audience=Audience.REALTIME)
    await house.fan()
    await set_plan(house.database.app, "usr_1", "basic")

    assert await house.deliver() == []

    found = await house.webhooks.deliveries("usr_1", made.webhook.id, None, None, 9)
    assert [(each.state, each.reason) for each in found] == [
        (DeliveryState.CANCELLED, EndReason.PLAN)
    ]
    assert house.sender.sent == []


async def test_an_account_that_was_closed_gets_nothing(house: House) -> None:
    await house.add()
    await house.tell()
    await house.fan()
    await house.database.app.execute("UPDATE users SET suspended_at = $1", house.clock.now())

    assert await house.deliver() == []


async def test_no_deliveries_are_made_for_who_may_not_have_them(house: House) -> None:
    made = await house.add()
    await set_plan(house.database.app, "usr_1", "basic")
    await house.tell()

    await house.fan()

    assert await house.webhooks.deliveries("usr_1", made.webhook.id, None, None, 9) == []


async def test_a_plans_number_of_endpoints_is_never_passed(house: House) -> None:
    results = await asyncio.gather(*(house.add() for _ in range(14)), return_exceptions=True)

    made = [each for each in results if isinstance(each, MadeWebhook)]
    refused = [each for each in results if isinstance(each, Conflict)]
    assert (len(made), len(refused)) == (PRO.endpoints, 4)
    assert len(await house.webhooks.of_user("usr_1")) == PRO.endpoints


async def test_a_plan_without_webhooks_has_none(house: House) -> None:
    with pytest.raises(Conflict):
        await house.webhooks.add("usr_1", DRAFT, FREE, DEED)


async def test_somebody_elses_webhook_does_not_exist(house: House) -> None:
    webhook_id = (await house.add()).webhook.id
    webhooks, deed = house.webhooks, evolve(DEED, actor="usr_2")
    deeds = [
        webhooks.get("usr_2", webhook_id),
        webhooks.change("usr_2", webhook_id, Change(is_on=False), deed),
        webhooks.delete("usr_2", webhook_id, deed),
        webhooks.rotate("usr_2", webhook_id, deed),
        webhooks.test("usr_2", webhook_id),
        webhooks.recover("usr_2", webhook_id, house.clock.now(), PRO),
        webhooks.deliveries("usr_2", webhook_id, None, None, 9),
        webhooks.resend("usr_2", webhook_id, "msg_1"),
    ]

    results = await asyncio.gather(*deeds, return_exceptions=True)

    assert [type(each) for each in results] == [NotThere] * len(deeds)
    assert (await webhooks.get("usr_1", webhook_id)).health.state is State.ACTIVE


async def test_a_deleted_webhook_is_gone_with_its_deliveries(house: House) -> None:
    webhook_id = (await house.add()).webhook.id
    await house.tell()
    await house.fan()

    await house.webhooks.delete("usr_1", webhook_id, DEED)

    assert await house.deliver() == []
    assert await house.webhooks.of_user("usr_1") == []
    deeds = await house.database.app.fetch("SELECT deed FROM audit ORDER BY number")
    assert [row["deed"] for row in deeds] == ["webhook.added", "webhook.deleted"]


async def test_during_a_rotation_both_secrets_sign_and_then_the_new_one_alone(
    house: House,
) -> None:
    webhook_id = (await house.add()).webhook.id
    counts = []
    for hours in (0, 23, 2):
        await house.clock.advance(hours * 3_600)
        if not hours:
            await house.webhooks.rotate("usr_1", webhook_id, DEED)
        await house.tell()
        await house.deliver()
        counts.append(len(house.sender.sent[-1].headers["webhook-signature"].split()))

    assert counts == [2, 2, 1]


async def test_a_second_rotation_ends_the_oldest_secret(house: House) -> None:
    made = await house.add()
    for _ in range(3):
        await house.webhooks.rotate("usr_1", made.webhook.id, DEED)
    await house.tell()

    (errand,) = await house.deliver()

    assert len(errand.secrets) == 2


async def test_a_secret_is_stored_sealed(house: House) -> None:
    made = await house.add()

    sealed = await house.database.app.fetchval("SELECT sealed FROM webhook_secrets")

    assert made.secret.startswith("whsec_")
    assert bytes(sealed).startswith(f"webhook/{made.webhook.id}|".encode())
    assert made.secret not in repr(made)


async def test_a_secret_that_cannot_be_read_holds_nobody_up(house: House) -> None:
    await house.add()
    good = await house.add()
    await house.database.app.execute(
        "UPDATE webhook_secrets SET sealed = 'x' WHERE endpoint <> $1", good.webhook.id
    )
    await house.tell()

    await house.deliver()

    assert len(house.sender.sent) == 1
    told = [each for each in house.observer.told if each.weight is Weight.ALERT]
    assert [each.what for each in told] == ["delivery.secret_unreadable"]


async def test_a_test_goes_to_its_endpoint_only_whatever_its_filters(house: House) -> None:
    filters = check_filters((), ("TSLA",), ())
    made = await house.add(draft=Draft(URL, "", filters))
    await house.add()

    delivery_id = await house.webhooks.test("usr_1", made.webhook.id)
    (errand,) = await house.deliver()

    assert (errand.id, errand.endpoint_id) == (delivery_id, made.webhook.id)
    assert b'"type":"webhook.test"' in errand.body


async def test_what_is_off_can_neither_be_tested_nor_recovered_nor_resent(house: House) -> None:
    webhook_id = (await house.add()).webhook.id
    await house.webhooks.change("usr_1", webhook_id, Change(is_on=False), DEED)
    webhooks = house.webhooks

    results = await asyncio.gather(
        webhooks.test("usr_1", webhook_id),
        webhooks.recover("usr_1", webhook_id, house.clock.now(), PRO),
        webhooks.resend("usr_1", webhook_id, "msg_1"),
        return_exceptions=True,
    )

    assert [type(each) for each in results] == [Conflict] * 3


async def test_a_receiver_that_was_down_for_hours_gets_everything_with_the_same_ids(
    house: House,
) -> None:
    made = await house.add()
    numbers = await house.tell(2)
    house.sender.answers = {URL: Answer(0.1, None, "no connection")}
    for _ in range(6):
        await house.deliver()
        await house.clock.advance(1_800)
    house.sender.answers = {}
    await house.clock.advance(20_000)
    tried = len(house.sender.sent)

    await house.deliver()

    expected = {message_id(made.webhook.id, f"evt_{number}") for number in numbers}
    assert set(house.sender.ids()[tried:]) == expected
    bodies = {(post.headers["webhook-id"], post.body) for post in house.sender.sent}
    assert len(bodies) == 2
    assert len({post.headers["webhook-timestamp"] for post in house.sender.sent}) > 2


async def test_recovery_brings_what_happened_while_it_was_off(house: House) -> None:
    webhook_id = (await house.add()).webhook.id
    before = house.clock.now()
    (lost,) = await house.tell()
    house.sender.answers = {URL: Answer(0.1, 410)}
    await house.deliver()
    (missed,) = await house.tell()
    await house.fan()
    house.sender.answers, house.sender.sent = {}, []
    await house.webhooks.change("usr_1", webhook_id, Change(is_on=True), DEED)
    assert await house.deliver() == []

    done = await house.webhooks.recover("usr_1", webhook_id, before, PRO)
    await house.deliver()

    assert (done.deliveries, done.is_complete) == (2, True)
    expected = {message_id(webhook_id, f"evt_{number}") for number in (lost, missed)}
    assert set(house.sender.ids()) == expected


async def test_recovery_brings_nothing_that_the_plan_does_not_have(house: House) -> None:
    webhook_id = (await house.add()).webhook.id
    await house.tell()

    done = await house.webhooks.recover("usr_1", webhook_id, house.clock.now(), FREE)

    assert done.deliveries == 0


@pytest.mark.parametrize("ago", [timedelta(days=31), timedelta(seconds=-1)])
async def test_recovery_goes_back_a_month_and_never_ahead(house: House, ago: timedelta) -> None:
    webhook_id = (await house.add()).webhook.id

    with pytest.raises(InvalidInput, match="since"):
        await house.webhooks.recover("usr_1", webhook_id, house.clock.now() - ago, PRO)


async def test_one_delivery_can_be_sent_again(house: House) -> None:
    webhook_id = (await house.add()).webhook.id
    await house.tell()
    (errand,) = await house.deliver()

    await house.webhooks.resend("usr_1", webhook_id, errand.id)
    await house.deliver()

    assert house.sender.ids() == [errand.id] * 2
    with pytest.raises(NotThere):
        await house.webhooks.resend("usr_1", webhook_id, "msg_unknown")


async def test_what_is_changed_is_changed_and_nothing_else(house: House) -> None:
    made = await house.add()
    changes = (
        Change(url="https://example.com/other"),
        Change(description="yours"),
        Change(kinds=frozenset({EventKind.TRADE_REPORTED})),
        Change(symbols=frozenset({"TSLA"})),
        Change(strategies=frozenset({"mean"})),
    )
    for change in changes:
        found = await house.webhooks.change("usr_1", made.webhook.id, change, DEED)

    filters = check_filters((EventKind.TRADE_REPORTED,), ("TSLA",), ("mean",))
    expected = evolve(
        made.webhook, url="https://example.com/other", description="yours", filters=filters
    )
    assert evolve(found, health=made.webhook.health) == expected
    assert await house.webhooks.get("usr_1", made.webhook.id) == found


@pytest.mark.parametrize(
    "change",
    [Change(url="http://127.0.0.1/"), Change(description="x" * 201), Change(description="\n")],
)
async def test_what_will_not_do_is_not_changed(house: House, change: Change) -> None:
    made = await house.add()

    with pytest.raises(InvalidInput):
        await house.webhooks.change("usr_1", made.webhook.id, change, DEED)


@pytest.mark.parametrize(
    ("symbols", "strategies"),
    [(("aapl",), ()), (("",), ()), ((), ("Trend",)), (tuple(["A"] * 101), ())],
)
def test_filters_have_names_that_the_log_can_have(
    symbols: tuple[str, ...], strategies: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput):
        check_filters((), symbols, strategies)


async def until(house: House, count: int) -> None:
    for _ in range(2_000):
        if len(house.sender.sent) >= count:
            return
        await asyncio.sleep(0.001)  # noqa: TID251 - PostgreSQL's own time passes here
    raise AssertionError(house.sender.sent)


async def test_a_running_courier_sends_what_is_due_when_it_is_woken(house: House) -> None:
    await house.add()
    running = asyncio.create_task(house.courier(CourierPolicy(parallel=2)).run(house.hint))
    await house.tell(5)
    await house.fan()
    house.hint.give()

    await until(house, 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert len(set(house.sender.ids())) == 5
    states = await house.database.app.fetch("SELECT state FROM deliveries")
    assert {row["state"] for row in states} == {"delivered"}


async def test_a_running_fan_out_follows_the_events(house: House) -> None:
    await house.add()
    running = asyncio.create_task(house.fan_out.run())
    numbers = await house.tell(4)
    house.hint.give()
    for _ in range(2_000):
        if await house.outbox.told() == numbers[-1]:
            break
        await asyncio.sleep(0.001)  # noqa: TID251 - PostgreSQL's own time passes here
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert len(await house.deliver()) == 4


async def test_an_attempt_is_a_span_and_what_came_of_it_has_its_trace(house: House) -> None:
    made = await house.add()
    await house.tell(2)
    await house.fan()
    house.sender.answers = {URL: Answer(0.1, 503, problem="away")}
    tracer = FakeTracer()
    courier = Courier(evolve(house.needs(), tracer=tracer), CourierPolicy(parallel=1))
    running = asyncio.create_task(courier.run(house.hint))
    await until(house, 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    told = [each.facts for each in house.observer.told if each.what == "delivery.attempted"]
    assert [(each.name, each.facts, each.problem) for each in tracer.spans] == [
        (
            "delivery.attempt",
            {
                "delivery": one["delivery"],
                "endpoint": made.webhook.id,
                "state": DeliveryState.PENDING,
                "status": 503,
            },
            "away",
        )
        for one in told
    ]
    assert [each.trace_id for each in tracer.spans] == [one["trace_id"] for one in told]


class Stubborn(FakeSender):
    """Never comes back from a receiver."""

    async def send(self, post: Post) -> Answer:
        self.sent.append(post)
        await asyncio.Event().wait()
        return Answer(0.0)


async def test_a_courier_that_is_stopped_lets_go_and_another_sends_at_once(house: House) -> None:
    await house.add()
    await house.tell()
    await house.fan()
    house.sender = Stubborn()
    running = asyncio.create_task(house.courier(CourierPolicy(finish_s=0.01)).run(house.hint))
    await until(house, 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    (first,) = house.sender.ids()
    house.sender = FakeSender()

    (errand,) = await house.deliver()

    assert errand.id == first


class Slow(FakeSender):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def send(self, post: Post) -> Answer:
        answer = await super().send(post)
        await self.may_answer.wait()
        return answer


async def test_a_courier_that_is_stopped_waits_for_answers_that_come_soon(house: House) -> None:
    await house.add()
    await house.tell()
    await house.fan()
    house.sender = slow = Slow()
    running = asyncio.create_task(house.courier().run(house.hint))
    await until(house, 1)
    running.cancel()
    slow.may_answer.set()
    await asyncio.gather(running, return_exceptions=True)

    states = await house.database.app.fetch("SELECT state FROM deliveries")
    assert [row["state"] for row in states] == ["delivered"]
    assert await house.deliver() == []


class Hesitant:
    """Is asked what accounts may have, and never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def of(self, _user_ids: Sequence[str], _now: datetime) -> Mapping[str, Entitlement]:
        self.asked.set()
        await asyncio.Event().wait()
        return {}


async def test_a_courier_that_is_stopped_in_a_claim_gives_back_what_it_claimed(
    house: House,
) -> None:
    await house.add()
    await house.tell(3)
    await house.fan()
    entitled = Hesitant()
    running = asyncio.create_task(Courier(house.needs(entitled)).run(house.hint))
    await entitled.asked.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert len(await house.deliver()) == 3


class Mistaken(FakeSender):
    """Breaks the port's promise."""

    async def send(self, post: Post) -> Answer:
        self.sent.append(post)
        raise RuntimeError("oh")


async def test_a_mistake_of_ours_is_told_and_stops_nobody(house: House) -> None:
    await house.add()
    await house.tell(2)
    await house.fan()
    house.sender = Mistaken()
    running = asyncio.create_task(house.courier(CourierPolicy(parallel=1)).run(house.hint))
    await until(house, 1)
    house.hint.give()
    await until(house, 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert house.observer.names().count("delivery.mistake") == 2


class Away(PostgresOutbox):
    """Cannot write down."""

    async def record(self, results: Sequence[Result], now: datetime) -> list[TurnedOff]:
        raise DatabaseAway("gone")


async def test_a_database_that_is_away_ends_the_round_and_is_told(house: House) -> None:
    await house.add()
    await house.tell()
    await house.fan()
    needs = evolve(house.needs(), outbox=Away(house.database.app, ""))

    with pytest.raises(DatabaseAway):
        await Courier(needs).run(house.hint)

    assert "delivery.left_unrecorded" in house.observer.names()
    await house.clock.advance(60)
    assert len(await house.deliver()) == 1


async def test_what_turned_an_endpoint_off_is_told(house: House) -> None:
    made = await house.add()
    await house.tell()
    house.sender.answers = {URL: Answer(0.1, 410)}

    await house.deliver()

    told = [each for each in house.observer.told if each.what == "delivery.turned_off"]
    assert [each.facts for each in told] == [{"endpoint": made.webhook.id, "reason": "gone"}]


class Overtaken(PostgresOutbox):
    """Is always a moment too late."""

    async def told(self) -> int:
        return await super().told() - 1


async def test_who_is_overtaken_does_nothing(house: House) -> None:
    await house.add()
    numbers = await house.tell(2)
    await house.fan()
    app = house.database.app
    late = FanOut(
        Overtaken(app, ""),
        EventStore(app),
        Entitlements(app),
        house.clock,
        house.observer,
        house.hint,
    )

    assert await late.turn() == 0
    assert await house.outbox.told() == numbers[-1]
    assert len(await house.deliver()) == 2
