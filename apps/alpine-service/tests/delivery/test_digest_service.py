import asyncio
import re

import pytest
import pytest_asyncio
from attrs import define, evolve

from alpine_service.adapters.postgres.digests import PostgresDigests
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.adapters.zones import SystemZones
from alpine_service.domain.delivery.digest import DigestWish
from alpine_service.domain.plans.entitlement import Channel
from alpine_service.domain.signals.event import Audience, EventKind
from alpine_service.domain.signals.signal import Disclosure
from alpine_service.errors import InvalidInput, NotThere, PlanTooLow
from alpine_service.services.digest import DigestNeeds, Digests
from alpine_service.testing.deliveries import new_event, set_plan, tell_events
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_platform import REALTIME, somebody
from alpine_service.testing.letters import read
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import BEGIN_US, a_signal, store

ON = DigestWish(is_on=True)
DAY_S = 86_400


@define
class House:
    """Digests over one database."""

    database: TestDatabase
    clock: FakeClock
    observer: FakeObserver
    digests: Digests

    async def signal(
        self,
        index: int,
        audience: Audience = Audience.EVERYBODY,
        kind: EventKind = EventKind.SIGNAL_PUBLISHED,
        result: str | None = None,
    ) -> None:
        record = a_signal(index, symbol=f"S{index}", result=result)
        await store(self.database.app, [evolve(record, disclosure=Disclosure.OPEN)])
        event = evolve(new_event(index, kind, audience), signal_id=record.signal_id)
        await tell_events(self.database.app, [event])

    async def next_day(self) -> list[str]:
        """A day later: the texts of all mails that wait."""
        await self.clock.advance(DAY_S)
        await self.digests.turn()
        rows = await self.database.app.fetch("SELECT * FROM mail_queue ORDER BY id")
        return [row["text"] for row in rows]


@pytest_asyncio.fixture
async def house(database: TestDatabase) -> House:
    for user_id, plan in (("usr_1", "pro"), ("usr_2", "free")):
        await add_user(database.app, user_id)
        await set_plan(database.app, user_id, plan)
    clock, observer = FakeClock(), FakeObserver()
    needs = DigestNeeds(
        PostgresDigests(database.app),
        PostgresSignals(database.app),
        Entitlements(database.app),
        SystemZones(),
        clock,
        FakeChance(),
        observer,
    )
    return House(database, clock, observer, Digests(needs, "https://alpine.example"))


async def test_nobody_gets_a_mail_who_did_not_ask(house: House) -> None:
    await house.signal(1)

    assert await house.next_day() == []
    assert await house.digests.wish("usr_1") == DigestWish(False, 7, "UTC")


async def test_a_mail_a_day_tells_what_happened_since_the_one_before(house: House) -> None:
    await house.signal(1)
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(2)
    first = await house.next_day()
    await house.signal(3)
    both = await house.next_day()

    assert [("S1 " in text, "S2 " in text, "S3 " in text) for text in both] == [
        (False, True, False),
        (False, False, True),
    ]
    assert both[:1] == first
    assert house.observer.names() == ["digest.written"] * 2


async def test_without_news_there_is_no_mail(house: House) -> None:
    await house.digests.keep(somebody("usr_1"), ON)

    assert await house.next_day() == []
    await house.signal(1)
    assert len(await house.next_day()) == 1


async def test_a_mail_comes_once_however_many_write_them(house: House) -> None:
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(1)
    await house.clock.advance(DAY_S)

    await asyncio.gather(*(house.digests.turn() for _ in range(3)))

    assert await house.database.app.fetchval("SELECT count(*) FROM mail_queue") == 1


async def test_a_second_mail_on_one_day_waits_for_the_next_and_loses_nothing(house: House) -> None:
    who = somebody("usr_1")
    await house.digests.keep(who, ON)
    await house.signal(1)
    await house.clock.advance(19 * 3_600)
    await house.digests.turn()
    await house.signal(2)
    await house.digests.keep(who, DigestWish(is_on=True, hour=9))
    await house.clock.advance(3 * 3_600)
    await house.digests.turn()
    assert await house.database.app.fetchval("SELECT count(*) FROM mail_queue") == 1

    texts = await house.next_day()

    assert [("S1 " in text, "S2 " in text) for text in texts] == [(True, False), (False, True)]


async def test_each_plan_reads_what_it_may_see(house: House) -> None:
    for user_id in ("usr_1", "usr_2"):
        await house.digests.keep(somebody(user_id), ON)
    await house.signal(1, Audience.REALTIME)
    await house.signal(2)
    await house.signal(3, kind=EventKind.SIGNAL_REVEALED)
    await house.signal(4, Audience.REALTIME, EventKind.OUTCOME_RESOLVED, result="target")

    realtime, delayed = await house.next_day()

    seen = [[f"S{index} " in text for index in (1, 2, 3)] for text in (realtime, delayed)]
    assert seen == [[True, True, False], [False, True, True]]
    told = ["Target reached  1" in text for text in (realtime, delayed)]
    assert told == [True, False]


async def test_what_is_sealed_to_a_plan_is_in_no_part_of_its_mail(house: House) -> None:
    for user_id in ("usr_1", "usr_2"):
        await house.digests.keep(somebody(user_id), ON)
    await house.signal(1)
    sealed = a_signal(
        2, disclosure=Disclosure.DELAYED, audience=Audience.REALTIME, result="stop", secret="hush"
    )
    await store(house.database.app, [sealed])
    # Even if an event of it were told to everybody: what may be seen is not for events to say.
    for kind in (EventKind.SIGNAL_PUBLISHED, EventKind.SIGNAL_REVEALED, EventKind.OUTCOME_RESOLVED):
        event = evolve(new_event(2, kind), signal_id=sealed.signal_id)
        await tell_events(house.database.app, [event])
    await house.next_day()

    rows = await house.database.app.fetch(
        "SELECT subject, text, html, headers::text FROM mail_queue ORDER BY id"
    )

    realtime, delayed = ["".join(row.values()) for row in rows]
    assert "BRK.Bhush" in realtime
    assert "Stop reached" in realtime
    for word in ("hush", "Stop reached", "/signals/2", "And "):
        assert word not in delayed
    assert "S1" in delayed


async def test_a_mail_has_the_same_record_for_every_plan(house: House) -> None:
    for user_id in ("usr_1", "usr_2"):
        await house.digests.keep(somebody(user_id), ON)
    await house.signal(1)
    resolved = [
        a_signal(index, result="target", return_bp=100 if index % 2 else -100)
        for index in range(10, 14)
    ]
    early = a_signal(
        20,
        disclosure=Disclosure.DELAYED,
        audience=Audience.REALTIME,
        result="target",
        return_bp=100,
        reveal_after_us=BEGIN_US + 9 * DAY_S * 1_000_000,
    )
    await store(house.database.app, [*resolved, early])

    texts = await house.next_day()

    records = [text.partition("The record so far")[2].partition("All of it")[0] for text in texts]
    assert records[0] == records[1]
    assert re.search(r"Hit rate +50\.0 %", records[0])
    assert re.search(r"Signals that count +4\n", records[0])


async def test_a_mail_is_text_and_html_of_the_same_links(house: House) -> None:
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(1)
    await house.next_day()

    (row,) = await house.database.app.fetch("SELECT text, html FROM mail_queue")

    links = read(row["html"]).links
    assert "https://alpine.example/signals/1" in links
    assert all(link in row["text"] for link in links)


@pytest.mark.parametrize(
    "change",
    ["UPDATE users SET suspended_at = created_at", "UPDATE users SET verified_at = NULL"],
)
async def test_no_mail_goes_to_who_is_closed_or_not_shown_to_be_theirs(
    house: House, change: str
) -> None:
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(1)
    await house.database.app.execute(change)

    assert await house.next_day() == []


async def test_the_link_in_a_mail_ends_them(house: House) -> None:
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(1)
    (text,) = await house.next_day()
    headers = await house.database.app.fetchval("SELECT headers FROM mail_queue")
    token = text.partition("token=")[2].split()[0]
    assert f"token={token}>" in headers["List-Unsubscribe"]

    await house.digests.unsubscribe(token)
    await house.digests.unsubscribe(token)

    await house.signal(2)
    assert await house.next_day() == [text]
    assert await house.digests.wish("usr_1") == DigestWish(False)


@pytest.mark.parametrize("token", ["wrong", "x" * 44, "\0"])
async def test_another_link_ends_nothing(house: House, token: str) -> None:
    with pytest.raises(NotThere):
        await house.digests.unsubscribe(token)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (DigestWish(is_on=True, hour=24), InvalidInput),
        (DigestWish(is_on=True, hour=-1), InvalidInput),
        (DigestWish(is_on=True, zone="Moon/Base"), InvalidInput),
    ],
)
async def test_what_cannot_be_wanted_is_refused(
    house: House, wish: DigestWish, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await house.digests.keep(somebody("usr_1"), wish)


async def test_a_plan_without_digest_has_none(house: House) -> None:
    entitlement = evolve(REALTIME, channels=frozenset({Channel.API}))

    with pytest.raises(PlanTooLow):
        await house.digests.keep(somebody("usr_1", entitlement=entitlement), ON)
    await house.digests.keep(somebody("usr_1", entitlement=entitlement), DigestWish())


class NoChannels(Entitlements):
    """Plans of which none has a digest."""

    async def of(self, user_ids, now):  # type: ignore[no-untyped-def]
        found = await super().of(user_ids, now)
        return {each: evolve(plan, channels=frozenset()) for each, plan in found.items()}


async def test_who_lost_the_channel_gets_no_mail(house: House) -> None:
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(1)
    needs = evolve(house.digests._needs, entitled=NoChannels(house.database.app))
    await house.clock.advance(DAY_S)

    assert await Digests(needs, "https://alpine.example").turn() == 1

    assert await house.database.app.fetchval("SELECT count(*) FROM mail_queue") == 0


async def test_running_writes_what_is_due(house: House) -> None:
    await house.digests.keep(somebody("usr_1"), ON)
    await house.signal(1)
    running = asyncio.create_task(house.digests.run())
    await house.clock.advance(DAY_S)
    for _ in range(2_000):
        if "digest.written" in house.observer.names():
            break
        await asyncio.sleep(0.001)  # noqa: TID251 - PostgreSQL's own time passes here
        await house.clock.advance(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert house.observer.names() == ["digest.written"]
