"""Three processes on one database are one service, also when one of them is paused and wakes up."""

import asyncio
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from alpine_service.domain.feed.add_checkpoint import write_add_checkpoint
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.receiver import Received, Reply, open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.listener import Listener
from alpine_service.testing.whole.people import Person, add_people
from alpine_service.testing.whole.service import Service, service, started
from alpine_service.testing.whole.world import add_webhook

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

PATIENCE_S = 60.0
SIGNALS = 20
TESTS = 8


async def ask_all(
    http: ClientSession, processes: list[Service], person: Person, endpoint: str, number: int
) -> set[str]:
    """One request with one key, at every process at the same time; the deliveries it made."""

    async def ask(process: Service) -> tuple[int, Any]:
        url = f"{process.url}/v1/webhooks/{endpoint}/test"
        headers = {**person.headers, "Idempotency-Key": f'"{endpoint}.{number}"'}
        async with http.post(url, headers=headers) as response:
            return response.status, await response.json()

    answers = await asyncio.gather(*(ask(process) for process in processes))
    made = {told["delivery_id"] for status, told in answers if status == HTTPStatus.ACCEPTED}
    # Whoever asks while the first is at work is told so.
    assert {status for status, _ in answers} <= {HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT}
    return made


async def cosigned(http: ClientSession, process: Service, log: SmallLog, size: int) -> bool:
    """Whether the process cosigns that log's checkpoint as the first it sees."""
    request = write_add_checkpoint(0, (), log.sign(size))
    async with http.post(f"{process.url}/add-checkpoint", data=request) as response:
        return response.status == HTTPStatus.OK


@pytest.mark.timeout(180)
async def test_three_do_everything_once_and_tell_everything(
    database: TestDatabase, folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    urls = {"DATABASE_URL": database.urls.app, "OWNER_DATABASE_URL": database.urls.owner}
    three = [service(folder, log, surroundings, **urls) for _ in range(3)]
    arrived: Counter[str] = Counter()

    def count(received: Received) -> Reply:
        arrived[received.id] += 1
        return Reply(204)

    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        # All at once, so that they race for the folder's keys as well.
        await enter(started(*three))
        receiver = await enter(open_receiver(count))
        http = await enter(ClientSession())
        (pro,) = await add_people(three[0], [("pro", "pro")])
        endpoint = await add_webhook(three[1], pro, receiver.url())
        listeners = [Listener(each.url, pro.headers) for each in three]
        tasks = [asyncio.create_task(each.run()) for each in listeners]
        stack.callback(lambda: [task.cancel() for task in tasks])
        await log.append(strategy_members("open"))
        for number in range(SIGNALS):
            await log.append(signal_members(f"one-{number}"))
        made = [await ask_all(http, three, pro, endpoint, number) for number in range(TESTS)]
        assert [len(each) for each in made] == [1] * TESTS

        async def are_at(last: int, who: list[Listener]) -> None:
            async def is_there() -> bool:
                return all(each.last == last for each in who) and len(arrived) == last + TESTS

            await until(is_there, PATIENCE_S, f"everything up to {last} is told")

        await are_at(SIGNALS + 1, listeners)

        # One is paused, wherever it is, and the others go on; then it wakes up.
        three[0].process.send(signal.SIGSTOP)
        for number in range(SIGNALS):
            await log.append(signal_members(f"two-{number}"))
        await are_at(2 * SIGNALS + 1, listeners[1:])
        three[0].process.send(signal.SIGCONT)
        await are_at(2 * SIGNALS + 1, listeners)
        await log.append(signal_members("last"))
        await are_at(2 * SIGNALS + 2, listeners)
        assert all(each.numbers == list(range(1, 2 * SIGNALS + 3)) for each in listeners)
        assert set(arrived.values()) == {1}
        for each in three:
            assert await each.told("http.failed") == []
            assert await each.told("ingest.refused") == []

        # Two histories are shown to all three at the same time: at most one is cosigned.
        other = SmallLog(name=log.name)
        other.record.rewrite([b"{}", *log.entries[1:]])
        histories = [log, other] * 6
        answers = await asyncio.gather(
            *(
                cosigned(http, process, history, log.size)
                for history, process in zip(histories, cycle(three), strict=False)
            )
        )
        honest, forked = any(answers[::2]), any(answers[1::2])
        assert honest != forked
        codes = await asyncio.gather(*(each.stop() for each in three))
    assert codes == [0, 0, 0]


@pytest.mark.timeout(120)
async def test_a_second_process_does_not_start_on_a_database_of_our_own(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    first, second = (service(folder, log, surroundings) for _ in range(2))
    async with started(first):
        await asyncio.to_thread(second.process.start)

        async def has_ended() -> bool:
            return second.process.exit_code is not None

        try:
            await until(has_ended, PATIENCE_S, "the second one ends")
        finally:
            await asyncio.to_thread(second.process.kill)
        assert "another process" in "\n".join(await second.lines())
        assert await first.answers()
