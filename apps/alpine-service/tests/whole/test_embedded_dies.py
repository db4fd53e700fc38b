"""The service's own PostgreSQL dies under it: it says so, waits for the next one, and goes on."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import pytest
from aiohttp import ClientSession

from alpine_service.adapters.postgres.home import ready_server
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.people import add_people
from alpine_service.testing.whole.service import Service, service, started

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

# A few, on a machine that does nothing else.
SECONDS = 30.0


def data_of(folder: Path) -> Path:
    return folder / "alpine" / "postgres" / "data"


async def running_as(folder: Path) -> tuple[int, int]:
    """Process and port of the service's database server."""
    known = await asyncio.to_thread(ready_server, data_of(folder))
    assert known is not None
    return known


async def signals(alpine: Service) -> tuple[int, str | None]:
    """What a stranger is answered: the status and the header Retry-After."""
    async with ClientSession() as http, http.get(f"{alpine.url}/v1/strategies/alpha") as got:
        return got.status, got.headers.get("Retry-After")


async def test_it_is_started_again_and_the_service_goes_on(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    alpine = service(folder, log, surroundings)
    async with started(alpine):
        before, port = await running_as(folder)
        began = perf_counter()
        os.kill(before, signal.SIGKILL)
        answers = [await signals(alpine)]
        await log.append(strategy_members("open"), signal_members("after"))

        async def is_read() -> bool:
            answers.append(await signals(alpine))
            return answers[-1][0] == 200

        await until(is_read, SECONDS, "what was published while it was away is read")
        took_s = perf_counter() - began
        now, same = await running_as(folder)
        died = await alpine.told("database.died")
        back = await alpine.told("database.started_again")
        code = await alpine.stop()
    assert now != before
    assert same == port
    assert (len(died), len(back)) == (1, 1)
    assert alpine.process.ended_by_itself == []
    assert {status for status, _ in answers} <= {200, 404, 503}
    away = [retry for status, retry in answers if status == 503]
    assert away
    assert all(away)
    assert took_s < SECONDS
    assert code == 0


async def test_a_service_whose_database_cannot_be_started_ends_with_an_error(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    alpine = service(folder, log, surroundings)
    async with started(alpine):
        pid, _ = await running_as(folder)
        await asyncio.to_thread((data_of(folder) / "global").rename, folder / "elsewhere")
        os.kill(pid, signal.SIGKILL)

        async def has_ended() -> bool:
            return alpine.process.exit_code is not None

        await until(has_ended, 40, "the service ends")
        assert alpine.process.exit_code == 1
        assert "the server did not start" in (await alpine.lines())[-1]


async def test_a_killed_service_comes_back_with_its_own_database(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    alpine = service(folder, log, surroundings)
    async with started(alpine):
        (pro,) = await add_people(alpine, [("pro", "pro")])
        await log.append(strategy_members("open"), signal_members("before"))
        reader = Browser(alpine.url, pro.headers)

        async def is_read() -> bool:
            return (await reader.get("/v1/signals/before")).status == 200

        await until(is_read, SECONDS, "the signal is read")
        before, _ = await running_as(folder)
        began = perf_counter()
        await asyncio.to_thread(alpine.process.kill)
        await asyncio.to_thread(alpine.process.start)
        await alpine.is_up()
        took_s = perf_counter() - began
        assert await is_read()
        now, _ = await running_as(folder)
    assert now != before
    assert took_s < SECONDS
