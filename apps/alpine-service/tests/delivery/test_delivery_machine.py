"""Random events, endpoints, failures, kills and changes of plans, beside a plain model.

Whatever happens: every event that must be delivered is delivered at least once, always under the
same id and with the same body, and nothing is sent to somebody who may not have it.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from attrs import Factory, define
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alpine_service.adapters.postgres.database import Database, open_database
from alpine_service.adapters.postgres.delivery_records import PostgresDeliveryRecords
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.outbox import PostgresOutbox
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.domain.delivery.answer import Answer
from alpine_service.domain.delivery.endpoint import State
from alpine_service.domain.delivery.errand import Errand, Result
from alpine_service.domain.delivery.message import message_id
from alpine_service.domain.delivery.webhook import Change
from alpine_service.domain.delivery.wishes import Filters
from alpine_service.domain.plans.plan import PLANS
from alpine_service.domain.signals.event import Audience
from alpine_service.ports.webhooks import Post
from alpine_service.services.courier import Courier, CourierNeeds
from alpine_service.services.fan_out import FanOut, FanOutPolicy
from alpine_service.services.subscriptions import Deed
from alpine_service.services.webhooks import Draft, WebhookNeeds, Webhooks
from alpine_service.testing.deliveries import FakeVault, new_event, set_plan, tell_events
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_events import FakeHint
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

T = TypeVar("T")
USERS = ("usr_1", "usr_2")
# To explain a failure Hypothesis traces every line, which a database does not bear.
SETTINGS = settings(
    max_examples=min(settings().max_examples, 40),
    stateful_step_count=30,
    deadline=None,
    phases=(Phase.reuse, Phase.generate, Phase.shrink),
)
# Longer than anything that waits: leases, delays with jitter, what receivers ask for.
LONG_S = 100_000
ANSWERS = {
    "well": Answer(0.1, 204),
    "broken": Answer(0.1, 500),
    "away": Answer(20.0, None, "timeout"),
    "busy": Answer(0.1, 503, retry_after_s=60.0),
    "gone": Answer(0.1, 410),
}


@define
class Ear:
    """What the model knows of an endpoint."""

    user_id: str
    url: str
    symbols: frozenset[str]
    # Events that it must have in the end, unless something excuses us.
    owed: set[int] = Factory(set)
    is_deleted: bool = False


@define
class Receivers:
    """Keeps the port `Sender`; looks at each request as it comes."""

    plans: dict[str, str]
    owners: dict[str, str]
    audiences: dict[str, Audience]
    moods: dict[str, str] = Factory(dict)
    bodies: dict[str, set[bytes]] = Factory(dict)
    accepted: dict[str, set[str]] = Factory(dict)
    # Kills strike when this many requests were sent but not written down.
    sent: int = 0

    async def send(self, post: Post) -> Answer:
        self.sent += 1
        message = post.headers["webhook-id"]
        self.bodies.setdefault(message, set()).add(post.body)
        # Only pro has webhooks; whatever was made before the plan changed must not leave.
        assert self.plans[self.owners[post.url]] == "pro", "sent to a wrong tier"
        answer = ANSWERS[self.moods.get(post.url, "well")]
        if answer.status == 204:
            self.accepted.setdefault(post.url, set()).add(message)
        return answer


class DeliveryMachine(RuleBasedStateMachine):
    """One private event loop; several couriers of which each may die between any two steps."""

    database: TestDatabase
    ears = Bundle("ears")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.opened = open_database(self.database.urls.app, size=4)
        self.app: Database = self.run(self.opened.__aenter__())
        self.clock, self.chance, self.vault = FakeClock(), FakeChance(), FakeVault()
        self.observer = FakeObserver()
        self.known: dict[str, Ear] = {}
        self.plans = dict.fromkeys(USERS, "pro")
        self.owners: dict[str, str] = {}
        self.receivers = Receivers(self.plans, self.owners, {})
        self.claimed: list[Errand] = []
        self.attempted: list[Result] = []
        self.entries = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        try:
            if self.owners:
                self.all_is_well_in_the_end()
        finally:
            self.close()

    def close(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.loop.close()

    @property
    def webhooks(self) -> Webhooks:
        needs = WebhookNeeds(
            PostgresWebhooks(self.app),
            PostgresDeliveryRecords(self.app),
            EventStore(self.app),
            self.vault,
            self.clock,
            self.chance,
        )
        return Webhooks(needs)

    @property
    def courier(self) -> Courier:
        outbox = PostgresOutbox(self.app, "")
        entitled = Entitlements(self.app)
        return Courier(
            CourierNeeds(
                outbox,
                entitled,
                self.receivers,
                self.vault,
                self.clock,
                self.chance,
                self.observer,
            )
        )

    @property
    def fan_out(self) -> FanOut:
        return FanOut(
            PostgresOutbox(self.app, ""),
            EventStore(self.app),
            Entitlements(self.app),
            self.clock,
            self.observer,
            FakeHint(),
            FanOutPolicy(events=2),
        )

    @initialize()
    def empty(self) -> None:
        self.run(self._empty())

    async def _empty(self) -> None:
        await self.app.execute("DELETE FROM users")
        for user_id in USERS:
            await add_user(self.app, user_id)
            await set_plan(self.app, user_id, "pro")
        self.entries = 1 + int(
            await self.app.fetchval("SELECT coalesce(max(log_index), 0) FROM events")
        )
        while await self.fan_out.turn():
            pass

    @precondition(lambda self: len(self.known) < 6)
    @rule(
        target=ears,
        user_id=st.sampled_from(USERS),
        symbols=st.frozensets(st.sampled_from(["AAPL", "TSLA"])),
    )
    def add(self, user_id: str, symbols: frozenset[str]) -> str:
        url = f"https://example.com/{len(self.known)}"
        draft = Draft(url, "", Filters(symbols=symbols))
        entitlement = PLANS["pro"].entitlement
        made = self.run(self.webhooks.add(user_id, draft, entitlement, Deed(user_id, "192.0.2.1")))
        self.known[made.webhook.id] = Ear(user_id, url, symbols)
        self.owners[url] = user_id
        return made.webhook.id

    @rule(
        symbol=st.sampled_from(["AAPL", "TSLA"]),
        audience=st.sampled_from(Audience),
        count=st.integers(1, 3),
        at_once=st.booleans(),
    )
    def tell(self, symbol: str, audience: Audience, count: int, at_once: bool) -> None:
        events = [
            new_event(self.entries + each, audience=audience, symbol=symbol)
            for each in range(count)
        ]
        self.entries += count
        numbers = self.run(tell_events(self.app, events))
        for ear in self.known.values():
            may = not ear.is_deleted and self.plans[ear.user_id] == "pro"
            if may and (not ear.symbols or symbol in ear.symbols):
                ear.owed |= set(numbers)
        if at_once:
            self.fan()

    @rule()
    def fan(self) -> None:
        self.run(self.fan_out.turn())

    @rule(room=st.integers(1, 5))
    def claim(self, room: int) -> None:
        errands = self.run(self.courier.claim(room))
        assert all(self.plans[each.user_id] == "pro" for each in errands), "a wrong tier"
        self.claimed += errands

    @precondition(lambda self: self.claimed)
    @rule(count=st.integers(1, 5))
    def attempt(self, count: int) -> None:
        # A courier sends at once after it claimed; here the plan may have changed in between.
        for errand in self.claimed[:count]:
            if self.plans[errand.user_id] == "pro":
                self.attempted.append(self.run(self.courier.attempt(errand)))
        del self.claimed[:count]

    @precondition(lambda self: self.attempted)
    @rule()
    def record(self) -> None:
        self.run(self.courier.record(self.attempted))
        self.attempted.clear()

    @rule()
    def kill(self) -> None:
        """Whatever a courier had in its hands is gone."""
        self.claimed.clear()
        self.attempted.clear()

    @rule(ear=ears, mood=st.sampled_from(sorted(ANSWERS)))
    def feel(self, ear: str, mood: str) -> None:
        self.receivers.moods[self.known[ear].url] = mood

    @rule(seconds=st.sampled_from([1, 10, 61, 2_000, LONG_S]))
    def wait(self, seconds: int) -> None:
        self.run(self.clock.advance(seconds))

    @rule(user_id=st.sampled_from(USERS), plan=st.sampled_from(["pro", "basic"]))
    def change_plan(self, user_id: str, plan: str) -> None:
        self.run(set_plan(self.app, user_id, plan))
        self.plans[user_id] = plan
        if plan != "pro":
            for ear in self.known.values():
                if ear.user_id == user_id:
                    # What had not arrived by now may be cancelled.
                    ear.owed.clear()

    @rule(ear=ears, is_on=st.booleans())
    def switch(self, ear: str, is_on: bool) -> None:
        found = self.known[ear]
        if not found.is_deleted:
            deed = Deed(found.user_id, "192.0.2.1")
            self.run(self.webhooks.change(found.user_id, ear, Change(is_on=is_on), deed))
            found.owed.clear()

    @rule(ear=ears)
    def delete(self, ear: str) -> None:
        found = self.known[ear]
        if not found.is_deleted:
            deed = Deed(found.user_id, "192.0.2.1")
            self.run(self.webhooks.delete(found.user_id, ear, deed))
            found.is_deleted = True
            found.owed.clear()

    @rule()
    def all_is_well_in_the_end(self) -> None:
        """Everybody is well, every courier that was killed is forgotten, and time passes."""
        self.kill()
        self.receivers.moods.clear()
        self.run(self._settle())
        for ear_id, ear in self.known.items():
            arrived = self.receivers.accepted.get(ear.url, set())
            owed = {message_id(ear_id, f"evt_{number}") for number in ear.owed}
            excused = self.run(self._given_up(ear_id))
            assert owed - excused <= arrived
        assert all(len(bodies) == 1 for bodies in self.receivers.bodies.values())

    async def _settle(self) -> None:
        while await self.fan_out.turn():
            pass
        for _ in range(12):
            await self.clock.advance(LONG_S / 10)
            courier = self.courier
            while errands := await courier.claim(50):
                await courier.record([await courier.attempt(each) for each in errands])

    async def _given_up(self, ear_id: str) -> set[str]:
        """What ended as a dead letter, or was cancelled because the endpoint or the plan ended.

        All events of a time off are excused, because an endpoint that is off is told nothing.
        """
        rows = await self.app.fetch(
            "SELECT id FROM deliveries WHERE endpoint = $1 AND state IN ('dead', 'cancelled')",
            ear_id,
        )
        given_up = {row["id"] for row in rows}
        found = await PostgresWebhooks(self.app).get(self.known[ear_id].user_id, ear_id)
        is_off = found is not None and found.health.state is State.OFF
        if is_off or self.plans[self.known[ear_id].user_id] != "pro":
            given_up |= {message_id(ear_id, f"evt_{number}") for number in self.known[ear_id].owed}
        return given_up


@contextmanager
def over(database: TestDatabase) -> Iterator[type[DeliveryMachine]]:
    class Machine(DeliveryMachine):
        pass

    Machine.database = database
    yield Machine


@pytest.fixture
def sync_database(request: pytest.FixtureRequest) -> TestDatabase:
    found: TestDatabase = request.getfixturevalue("database")
    return found


def test_each_event_arrives_at_least_once_and_never_at_a_wrong_tier(
    sync_database: TestDatabase,
) -> None:
    with over(sync_database) as machine:
        run_state_machine_as_test(machine, settings=SETTINGS)
