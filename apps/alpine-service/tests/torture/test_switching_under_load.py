"""Colours change places under load, forth and back, and nobody who asks notices.

A real HAProxy with the shipped configuration, `alpine deploy` as an operator calls it, a publisher
whose witness we are, listeners, receivers, and people who change something on open connections.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from attrs import evolve, frozen

from alpine_service.adapters.postgres.events import EventStore
from alpine_service.testing.postgres import TestDatabase, TestServer, open_folder
from alpine_service.testing.receiver import Receiver, open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.listener import Listener
from alpine_service.testing.whole.load import Load, load
from alpine_service.testing.whole.manager import command, managing
from alpine_service.testing.whole.people import Person, add_people, settings_of
from alpine_service.testing.whole.proxy import Front, find_haproxy, haproxy
from alpine_service.testing.whole.publisher import Publisher
from alpine_service.testing.whole.service import LOG_KEY, Service, service
from alpine_service.testing.whole.world import add_webhook, witness_of
from alpine_service.wiring.offline import offline

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

SHIPPED = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"
PEOPLE, CONNECTIONS = 6, 3
# Together less than the 600 requests a minute of each plan.
EVERY_S = 0.4
CALM_S = 60.0
MOST = 1_000_000
DEPLOY = "from alpine_service.cli.main import main; raise SystemExit(main())"
SHIPPED_PORTS = ("8091", "8092", "8093", "8094")
DONE, ROLLED_BACK = 0, 4


@pytest.fixture
def folder(postgres_server: TestServer) -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def switches(kills: int) -> int:
    """One in the plain run, six in the session `torture`."""
    return 1 if kills <= 10 else 6


@pytest.fixture
def program(running_in_ci: bool) -> str:
    found = find_haproxy()
    if found is None:
        assert not running_in_ci, "CI has no HAProxy"
        pytest.skip("needs HAProxy")
    return found


@frozen
class Site:
    """Both colours behind a proxy, and everybody around them."""

    front: Front
    colours: Mapping[str, Service]
    folder: Path
    publisher: Publisher
    listener: Listener
    receiver: Receiver
    people: list[tuple[str, Person]]

    async def deploy(self, *more: str) -> tuple[int, Any]:
        """`alpine deploy` as a process; its exit code, and what it says in JSON."""
        arguments = (
            f"deploy --json --proxy {self.front.socket} --state {self.front.state}"
            " --start-s 180 --gate-s 60 --watch-s 1 --drain-s 10 --slow 60000"
        ).split()
        for name, colour in self.colours.items():
            arguments += [f"--{name}", colour.internal_url]
        for verb in ("start", "stop"):
            arguments += [f"--{verb}", command(self.folder / "manager.sock", verb)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", DEPLOY, *arguments, *more, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, orjson.loads(said)


@asynccontextmanager
async def site(
    program: str, database: TestDatabase, folder: Path, surroundings: Mapping[str, str]
) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        log = await enter(SmallLog(api_keys={LOG_KEY: frozenset({"read", "realtime"})}))
        receiver = await enter(open_receiver())
        given = {
            "DATABASE_URL": database.urls.app,
            "OWNER_DATABASE_URL": database.urls.owner,
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        colours = {name: service(folder, log, surroundings, **given) for name in ("blue", "green")}
        ports = [
            one.settings[name]
            for one in colours.values()
            for name in ("ALPINE_PORT", "ALPINE_INTERNAL_PORT")
        ]
        processes = {name: one.process for name, one in colours.items()}
        await enter(managing(folder / "manager.sock", processes))
        await asyncio.to_thread(processes["blue"].start)
        await colours["blue"].is_up()
        shipped = dict(zip(SHIPPED_PORTS, ports, strict=True))
        proxy = haproxy(program, SHIPPED, folder, shipped)
        front = await asyncio.to_thread(proxy.__enter__)
        stack.callback(proxy.__exit__, None, None, None)
        outside = evolve(
            colours["blue"],
            settings={**colours["blue"].settings, "ALPINE_PORT": str(front.port)},
        )
        await outside.is_up()
        people = await add_people(outside, [(f"pro{each}", "pro") for each in range(PEOPLE)])
        hooks = [(await add_webhook(outside, one, receiver.url("/hook")), one) for one in people]
        publisher = Publisher(log, front.url, Random(7), await witness_of(outside))  # noqa: S311 - it has to come again
        publisher.begin()
        listener = Listener(front.url, people[0].headers)
        tasks = [asyncio.create_task(run) for run in (publisher.run(), listener.run())]
        try:
            yield Site(front, colours, folder, publisher, listener, receiver, hooks)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            # Whoever died of a mistake of ours would only have gone silent.
            assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends


@pytest.mark.timeout(900)
async def test_no_request_fails_and_nothing_is_told_twice_while_colours_change_places(
    program: str,
    database: TestDatabase,
    folder: Path,
    surroundings: Mapping[str, str],
    switches: int,
) -> None:
    async with site(program, database, folder, surroundings) as alpine:
        people = [(endpoint, one.headers) for endpoint, one in alpine.people]
        async with load(alpine.front.url, people, CONNECTIONS, EVERY_S) as asked:
            for number in range(switches):
                code, told = await alpine.deploy()
                assert code == DONE, told
                assert told["serves"] == ("green", "blue")[number % 2]
                await some_are_answered(asked)
            # Answers that take any time at all are too slow: the watch fails.
            code, told = await alpine.deploy("--slow", "0")
            assert code == ROLLED_BACK, told
            assert told["serves"] == ("blue", "green")[switches % 2]
            assert told["steps"][-1]["step"] == "stop the new"
            await some_are_answered(asked)
        await everything_is_there(alpine, asked)
    took = {one["step"]: round(one["took_s"], 1) for one in told["steps"]}
    print(  # noqa: T201 - it is shown
        f"{asked.asked} requests, {asked.failed} failed, the slowest took {asked.slowest_s:.2f} s;"
        f" {switches} switches and a rollback; the last one's steps: {took}"
    )


async def some_are_answered(asked: Load) -> None:
    """Return once some more requests were answered."""
    before = asked.asked

    async def some_more() -> bool:
        return asked.asked >= before + 20

    await until(some_more, CALM_S, "requests go on")


async def everything_is_there(alpine: Site, asked: Load) -> None:
    assert asked.statuses == {str(int(HTTPStatus.ACCEPTED)): asked.asked}
    await alpine.publisher.rest()
    log, receiver = alpine.publisher.log, alpine.receiver
    async with offline(settings_of(next(iter(alpine.colours.values())))) as ground:
        database = ground.database

        async def is_over() -> bool:
            row = await database.fetchrow(
                "SELECT h.size, (SELECT number FROM fan_out) = (SELECT number FROM stream_head)"
                " AND NOT EXISTS (SELECT FROM deliveries WHERE state = 'pending')"
                # Bodies of commits are asked for once the log is read, and told of then.
                " AND NOT EXISTS (SELECT FROM signals WHERE audience IS NULL) AS told"
                " FROM feed_head h"
            )
            return row is not None and (row["size"], row["told"]) == (log.size, True)

        await until(is_over, CALM_S, "the log is read and everything is delivered")
        events = await EventStore(database).after(0, MOST)
        entries = await database.fetch("SELECT data FROM entries ORDER BY log_index")
        assert await database.fetchval("SELECT count(*) FROM quarantine") == 0

    async def is_heard() -> bool:
        return alpine.listener.last >= len(events)

    await until(is_heard, CALM_S, "the stream was heard to its end")
    # The log: every entry once, as it was published.
    assert [row["data"] for row in entries] == log.entries
    # Events: without a gap, none twice, and heard by a listener that was moved each time.
    assert [each.number for each in events] == list(range(1, len(events) + 1))
    assert len({(each.log_index, each.kind) for each in events}) == len(events)
    assert alpine.listener.numbers == [each.number for each in events]
    # Deliveries: each event and each promised test once to each endpoint, and no other.
    arrived = [each.id for each in receiver.received]
    assert len(arrived) == len(set(arrived))
    assert asked.promised.keys() <= set(arrived)
    assert len(arrived) == len(asked.promised) + len(events) * len(alpine.people)
    # The witness: one history, never backwards.
    cosigned = alpine.publisher.cosigned
    roots = log.record.roots([head.size for head in cosigned])
    assert all(head.root == roots[head.size] for head in cosigned)
    assert all(one <= other for one, other in pairwise(alpine.publisher.stood))
    for colour in alpine.colours.values():
        for what in ("http.failed", "delivery.mistake", "ingest.halted", "ingest.refused"):
            assert await colour.told(what) == []
