"""Alpine and PostgreSQL are killed in the middle of everything, and nothing that was said is lost.

The rest of the world lives in the test's own process: the publisher with its log, a receiver of
webhooks that fails at times, listeners of several plans, and a customer who changes things.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import ClientSession

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.migrating import migrate
from alpine_service.adapters.postgres.roles import prepare
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.domain.delivery.message import message_id, payload_of
from alpine_service.domain.signals.event import Audience, Event, EventKind
from alpine_service.testing.mortal_postgres import MortalServer, mortal_server
from alpine_service.testing.postgres import TestServer, open_folder
from alpine_service.testing.receiver import open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import Victim, blows, torture, until
from alpine_service.testing.whole.people import lower, settings_of
from alpine_service.testing.whole.service import LOG_KEY, service, started
from alpine_service.testing.whole.world import BACK_WITHIN_S, World, busy_world
from alpine_service.wiring.offline import offline

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

SEED = 20
MOST = 1_000_000
TELLS = {
    "strategy": EventKind.STRATEGY_REGISTERED,
    "signal": EventKind.SIGNAL_PUBLISHED,
    "commit": EventKind.SIGNAL_COMMITTED,
    "reveal": EventKind.SIGNAL_REVEALED,
    "outcome": EventKind.OUTCOME_RESOLVED,
    "trade": EventKind.TRADE_REPORTED,
    "correct": EventKind.ENTRY_CORRECTED,
}
CALM_S = 60.0
# What waits for a lease of the dead to end, or for a second attempt, need not be waited for here.
HURRY = """
UPDATE deliveries SET due_at = $1 WHERE state = 'pending' AND due_at > $1 AND (lease IS NULL OR $2)
"""
PENDING = "SELECT count(*) FROM deliveries WHERE state = 'pending'"
READ = """
SELECT h.size, (SELECT count(*) FROM signals s WHERE s.audience IS NULL) AS unopened
FROM feed_head h
"""


@pytest.fixture
def folder(postgres_server: TestServer) -> Iterator[Path]:
    """A folder for servers; skips where there are none."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def server(folder: Path) -> Iterator[MortalServer]:
    with mortal_server(folder / "postgres") as server:
        yield server


@asynccontextmanager
async def surrounded(
    server: MortalServer, folder: Path, surroundings: Mapping[str, str]
) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        urls = await prepare(server.url)
        await migrate(urls.owner)
        keys = {LOG_KEY: frozenset({"read", "realtime"})}
        log = await stack.enter_async_context(SmallLog(api_keys=keys))
        receiver = await stack.enter_async_context(open_receiver())
        alpine = service(
            folder, log, surroundings, DATABASE_URL=urls.app, OWNER_DATABASE_URL=urls.owner
        )
        await stack.enter_async_context(started(alpine))
        yield await stack.enter_async_context(busy_world(alpine, log, receiver, SEED))


@pytest.mark.timeout(3600)
async def test_nothing_is_lost_and_nothing_told_too_early_whoever_is_killed(
    server: MortalServer, folder: Path, surroundings: Mapping[str, str], kills: int
) -> None:
    async with surrounded(server, folder, surroundings) as world:

        async def settle(number: int) -> None:
            await settled(world)
            if world.lowered_at is None and number >= kills // 2:
                await lower(world.alpine, world.lowered)
                world.lowered_at = asyncio.get_running_loop().time()
            world.publisher.go_on()
            world.customer.go_on()

        victims: dict[str, Victim] = {"alpine": world.alpine.process, "database": server}
        plan = blows(SEED, kills, sorted(victims))
        await torture(
            victims, plan, settle, settle_every=max(5, kills // 20), at_work=world.at_work
        )
        await no_fork_is_cosigned(world)
        assert world.looks > 0
        assert world.customer.deeds > kills
        assert max(world.back_s) < BACK_WITHIN_S


async def settled(world: World) -> None:
    """Let everything come to rest, and look whether it is as it should be."""
    await world.publisher.rest()
    await world.customer.rest()
    await world.alpine.is_up()
    async with offline(settings_of(world.alpine)) as ground:
        await all_is_read(world, ground.database)
        await all_is_delivered(world, ground.database)
        events = await EventStore(ground.database).after(0, MOST)
        await check_record(world, ground.database, events)
        await check_deeds(world)
    check_events(world, events)
    check_streams(world, events)
    check_webhooks(world, events)
    check_witness(world)
    world.watch_streams()
    assert world.leaks == []
    for what in ("http.failed", "delivery.mistake", "ingest.halted", "ingest.refused"):
        assert await world.alpine.told(what) == []


async def all_is_read(world: World, database: Database) -> None:
    async def is_read() -> bool:
        row = await database.fetchrow(READ)
        return row is not None and (row["size"], row["unopened"]) == (world.log.size, 0)

    await until(is_read, CALM_S, "the whole log is read, bodies included")


async def all_is_delivered(world: World, database: Database) -> None:
    async def is_heard() -> bool:
        last = await EventStore(database).last()
        return world.realtime.last == last

    # The dead hold leases at the beginning only.
    leases = True

    async def is_delivered() -> bool:
        nonlocal leases
        told = await database.fetchval("SELECT number FROM fan_out")
        if told != world.realtime.last:
            return False
        if await database.fetchval(PENDING) == 0:
            return True
        await asyncio.sleep(0.3)  # noqa: TID251 - what is under way is to come to its end
        await database.execute(HURRY, SystemClock().now(), leases)
        leases = False
        return False

    await until(is_heard, CALM_S, "listeners heard everything")
    await until(is_delivered, CALM_S, "webhooks are delivered")


async def check_record(world: World, database: Database, events: list[Event]) -> None:
    rows = await database.fetch("SELECT log_index, data FROM entries ORDER BY log_index")
    assert [row["log_index"] for row in rows] == list(range(world.log.size))
    assert [row["data"] for row in rows] == world.log.entries
    assert await database.fetchval("SELECT count(*) FROM quarantine") == 0
    stood = await database.fetchval("SELECT size FROM witness_head")
    assert stood >= max((each.size for each in world.publisher.cosigned), default=0)
    assert await EventStore(database).last() == len(events)


def check_events(world: World, events: list[Event]) -> None:
    """Every entry was told of once, and bodies of commits beside them, to those who may know."""
    entries = world.entries()
    assert [each.number for each in events] == list(range(1, len(events) + 1))
    early = [each for each in events if each.audience > Audience.EVERYBODY]
    told = [(each.log_index, each.kind) for each in events]
    assert len(set(told)) == len(told)
    commits = {each.index for each in entries if each.kind == "commit"}
    extra = {(index, EventKind.SIGNAL_PUBLISHED) for index in commits}
    expected = {(each.index, TELLS[each.kind]) for each in entries}
    assert set(told) - extra == expected
    revealed = {each.number("commit_index") for each in entries if each.kind == "reveal"}
    opened = {each.log_index for each in early if each.kind is EventKind.SIGNAL_PUBLISHED}
    assert commits - revealed <= opened <= commits
    trades = {each.index for each in entries if each.kind == "trade"}
    assert {each.log_index for each in early} == opened | trades


def check_streams(world: World, events: list[Event]) -> None:
    """Each listener heard what it may hear, once and in order, although streams broke off."""
    data = {each.number: each.data for each in events}
    everything = list(data)
    public = [each.number for each in events if each.audience is Audience.EVERYBODY]
    assert world.realtime.numbers == everything
    assert world.delayed.numbers == public[: len(world.delayed.numbers)]
    assert len(world.delayed.numbers) == len(public)
    assert world.lowering.numbers == everything[: len(world.lowering.numbers)]
    if world.lowered_at is None:
        assert world.lowering.last == world.realtime.last
    for listener in (world.realtime, world.delayed, world.lowering):
        assert all(data[each.number] == each.data for each in listener.heard)


def check_webhooks(world: World, events: list[Event]) -> None:
    """At least once each, under one id with one body."""
    for path, endpoint in world.endpoints.items():
        expected = {message_id(endpoint, each.id): {payload_of(each)} for each in events}
        bodies = world.bodies(path)
        tests = {id_ for id_ in bodies if id_ not in expected}
        arrived = {id_: told for id_, told in bodies.items() if id_ in expected}
        if path == "/pro":
            assert world.customer.tests <= tests
            assert arrived == expected
            assert world.accepted[path] == bodies.keys()
        else:
            assert not tests
            assert arrived.items() <= expected.items()
            assert world.lowered_at is not None or arrived == expected
        assert all(len(told) == 1 for told in bodies.values())


def check_witness(world: World) -> None:
    """One history, and never backwards."""
    cosigned = world.publisher.cosigned
    roots = world.log.record.roots([head.size for head in cosigned])
    assert all(head.root == roots[head.size] for head in cosigned)
    assert all(before <= after for before, after in pairwise(world.publisher.stood))


async def check_deeds(world: World) -> None:
    """What was acknowledged to the customer is there, and what was ended is not."""
    customer = world.customer
    keys = await customer.there("/v1/account/keys", "keys")
    assert customer.keys.keys() <= keys.keys()
    assert customer.ended_keys.keys() <= keys.keys()
    assert all(keys[id_]["revoked_at"] for id_ in customer.ended_keys)
    assert all(id_ in customer.unsure or not keys[id_]["revoked_at"] for id_ in customer.keys)
    webhooks = await customer.there("/v1/webhooks", "webhooks")
    living = {id_ for id_ in customer.webhooks if id_ not in customer.unsure}
    assert living <= webhooks.keys()
    assert not customer.ended_webhooks & webhooks.keys()


async def no_fork_is_cosigned(world: World) -> None:
    """The log's own signature under another history moves the witness nowhere."""
    log, publisher = world.log, world.publisher
    await publisher.rest()
    other = SmallLog(name=log.name)
    other.record.rewrite([b"{}", *log.entries[1:]])
    async with ClientSession() as http:
        for size in {publisher.cosigned[0].size, publisher.stood[-1], log.size}:
            for old in {0, publisher.stood[-1], size}:
                proof = other.record.consistency(old, size) if old <= size else ()
                answer = await publisher.ask(http, old, proof, other.sign(size))
                assert answer[0] in {400, 409, 422}, answer
    publisher.go_on()
