"""The stream of events in PostgreSQL."""

import asyncio

import asyncpg
import pytest
from attrs import evolve

from alpine_service.adapters.postgres.events import CHANNEL, EventStore, append_events
from alpine_service.adapters.postgres.wakeups import Wakeups
from alpine_service.domain.signals.event import Audience, EventKind, NewEvent
from alpine_service.errors import DatabaseAway, DatabaseRefused
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.postgres import TestDatabase


def about(log_index: int, audience: Audience = Audience.EVERYBODY) -> NewEvent:
    return NewEvent(
        EventKind.SIGNAL_PUBLISHED,
        audience,
        log_index,
        "swing",
        b'{"index":%d}' % log_index,
        1_700_000_000_000_000 + log_index,
        symbol="AAPL",
        signal_id=f"sig-{log_index}",
    )


async def append(database: TestDatabase, *events: NewEvent) -> range:
    async with database.app.transaction() as connection:
        return await append_events(connection, events)


async def test_events_are_numbered_from_one_and_read_back_as_they_were(
    database: TestDatabase,
) -> None:
    store = EventStore(database.app)
    assert await store.last() == 0

    assert await append(database, about(3), about(5)) == range(1, 3)

    one, two = await store.after(0, 10)
    assert (one.number, one.id, one.log_index, one.data) == (1, "evt_1", 3, about(3).data)
    assert await store.after(1, 10) == [two]
    assert await store.get(2) == two
    assert await store.get(3) is None
    assert await store.last() == 2


async def test_one_entry_tells_one_thing_once(database: TestDatabase) -> None:
    await append(database, about(1))

    assert await append(database, about(1)) == range(0)
    assert await append(database, about(1), about(2)) == range(2, 3)
    revealed = evolve(about(1), kind=EventKind.SIGNAL_REVEALED)
    assert await append(database, revealed) == range(3, 4)


async def test_nothing_to_tell_draws_no_number(database: TestDatabase) -> None:
    assert await append(database) == range(0)
    assert await EventStore(database.app).last() == 0


async def test_a_transaction_that_fails_leaves_no_gap(database: TestDatabase) -> None:
    async def fail() -> None:
        async with database.app.transaction() as connection:
            await append_events(connection, [about(1)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert await append(database, about(2)) == range(1, 2)


async def test_writers_at_once_make_one_row_without_gaps_that_grows_in_order(
    database: TestDatabase,
) -> None:
    """A reader that stands behind the newest number it saw misses nothing."""
    store = EventStore(database.app)
    seen: list[int] = []

    async def read() -> None:
        while len(seen) < 60:
            found = await store.after(seen[-1] if seen else 0, 7)
            seen.extend(event.number for event in found)

    async def write(first: int) -> None:
        for step in range(5):
            await append(database, *(about(first + 3 * step + each) for each in range(3)))

    async with asyncio.timeout(30):
        await asyncio.gather(read(), *(write(100 * each) for each in range(4)))

    assert seen == list(range(1, 61))


async def test_an_audience_reads_only_what_is_for_it(database: TestDatabase) -> None:
    await append(database, about(1, Audience.REALTIME), about(2), about(3, Audience.REALTIME))

    store = EventStore(database.app)
    assert [event.number for event in await store.after(0, 10, Audience.EVERYBODY)] == [2]
    assert [event.number for event in await store.after(0, 10)] == [1, 2, 3]


async def test_the_service_can_neither_change_nor_remove_what_was_told(
    database: TestDatabase,
) -> None:
    await append(database, about(1))

    for deed in ("UPDATE events SET audience = 0", "DELETE FROM events", "TRUNCATE events"):
        with pytest.raises(DatabaseRefused) as refused:
            await database.app.execute(deed)
        assert isinstance(refused.value.__cause__, asyncpg.InsufficientPrivilegeError)


async def test_a_commit_wakes_those_who_listen(database: TestDatabase) -> None:
    wakeups = Wakeups(database.url, FakeClock())
    hint, other = wakeups.listen(CHANNEL), wakeups.listen("alpine_mail")
    listening = asyncio.create_task(wakeups.run())
    # All are woken once when the connection is there, because hints may have been lost before.
    await asyncio.gather(hint.wait(20), other.wait(20))

    await append(database, about(1))

    async with asyncio.timeout(20):
        await hint.wait(60)
    # Nothing came on the other channel.
    await other.wait(0.001)
    listening.cancel()


async def test_a_listener_without_a_server_says_so() -> None:
    wakeups = Wakeups("postgresql://nobody:secret@127.0.0.1:1/none?sslmode=disable", FakeClock())

    with pytest.raises(DatabaseAway) as away:
        await wakeups.run()

    assert "secret" not in str(away.value)
