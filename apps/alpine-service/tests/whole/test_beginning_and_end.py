"""The service begins and ends as whoever runs it expects, alone and beside another one."""

import asyncio
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

import pytest

from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.receiver import Received, Reply, open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.listener import Listener
from alpine_service.testing.whole.people import add_people
from alpine_service.testing.whole.service import Service, free_port, service, started
from alpine_service.testing.whole.world import add_webhook

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

PATIENCE_S = 25.0
END_S = 3.0
SIGNALS = 40


async def test_it_ends_within_seconds_although_everybody_is_in_the_middle(
    alpine: Service, log: SmallLog
) -> None:
    (pro,) = await add_people(alpine, [("pro", "pro")])
    reader = Browser(alpine.url, pro.headers)
    listeners = [Listener(alpine.url, pro.headers) for _ in range(5)]
    slow = [await asyncio.open_connection("127.0.0.1", int(alpine.url[-5:])) for _ in range(3)]
    tasks = [asyncio.create_task(each.run()) for each in listeners]
    await log.append(strategy_members("open"), signal_members("before"))

    async def are_listening() -> bool:
        return all(each.last == 2 for each in listeners)

    await until(are_listening, PATIENCE_S, "all listen")
    for _, writer in slow:
        # A request whose body never comes.
        writer.write(b"POST /v1/account/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        writer.write(b"Content-Type: application/json\r\n\r\n{")
    asking = [asyncio.create_task(reader.get("/v1/signals")) for _ in range(10)]
    began = perf_counter()
    code = await alpine.stop()
    took_s = perf_counter() - began
    for task in (*tasks, *asking):
        task.cancel()
    await asyncio.gather(*tasks, *asking, return_exceptions=True)
    for _, writer in slow:
        writer.close()
    assert code == 0
    assert took_s < END_S
    assert await alpine.told("http.failed") == []
    assert await alpine.told("task.stuck") == []


async def test_without_its_database_it_says_so_and_ends_for_its_manager_to_start_it_again(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    """A service that seems to run and cannot helps nobody; its manager tries again."""
    port = free_port()
    nowhere = f"postgresql://alpine_app:hush-hush@127.0.0.1:{port}/alpine?sslmode=disable"
    alpine = service(folder, log, surroundings, DATABASE_URL=nowhere)
    await asyncio.to_thread(alpine.process.start)

    async def has_ended() -> bool:
        return alpine.process.exit_code is not None

    try:
        await until(has_ended, PATIENCE_S, "the service ends")
    finally:
        await asyncio.to_thread(alpine.process.kill)
    said = "\n".join(await alpine.lines())
    assert f"127.0.0.1:{port}/alpine" in said
    assert "check the server" in said
    assert "hush-hush" not in said


async def test_two_share_the_work_and_one_takes_over_when_the_other_is_killed(
    alpine: Service,
    database: TestDatabase,
    folder: Path,
    log: SmallLog,
    surroundings: Mapping[str, str],
) -> None:
    first = alpine
    urls = {"DATABASE_URL": database.urls.app, "OWNER_DATABASE_URL": database.urls.owner}
    second = service(folder, log, surroundings, **urls)
    arrived: Counter[tuple[str, bytes]] = Counter()

    def count(received: Received) -> Reply:
        arrived[received.id, received.body] += 1
        return Reply(204)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(started(second))
        receiver = await stack.enter_async_context(open_receiver(count))
        (pro,) = await add_people(first, [("pro", "pro")])
        await add_webhook(second, pro, receiver.url())
        listeners = [Listener(each.url, pro.headers) for each in (first, second)]
        tasks = [asyncio.create_task(each.run()) for each in listeners]
        stack.callback(lambda: [task.cancel() for task in tasks])
        await log.append(strategy_members("open"))
        for number in range(SIGNALS):
            await log.append(signal_members(f"one-{number}"))

        async def is_everywhere() -> bool:
            return all(each.last == SIGNALS + 1 for each in listeners) and len(arrived) > SIGNALS

        await until(is_everywhere, PATIENCE_S, "both tell everything")
        assert all(each.numbers == list(range(1, SIGNALS + 2)) for each in listeners)
        # Nobody died, so nothing had to be sent again.
        assert set(arrived.values()) == {1}
        keys = {id_ for id_, _ in arrived}
        assert len(keys) == len(arrived) == SIGNALS + 1

        await asyncio.to_thread(first.process.kill)
        killed = perf_counter()
        await log.append(signal_members("after"))

        async def is_taken_over() -> bool:
            return listeners[1].last == SIGNALS + 2 and len(arrived) == SIGNALS + 2

        await until(is_taken_over, PATIENCE_S, "the other one takes over")
        took_s = perf_counter() - killed
        shown = await Browser(second.url, pro.headers).get("/v1/signals/after")
        code = await asyncio.to_thread(second.process.end, signal.SIGTERM)
    assert took_s < 10
    assert shown.status == 200
    assert code == 0
