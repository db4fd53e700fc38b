"""A stop that a proxy hears of before it meets a closed door."""

import signal
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import pytest
from aiohttp import ClientError, ClientSession

from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.service import Service, service, started

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

PATIENCE_S = 15.0
DRAIN_S = 2.0


async def status(session: ClientSession, url: str) -> int | None:
    """The answer's status, or None if nobody is there."""
    try:
        async with session.get(url) as response:
            return response.status
    except ClientError:
        return None


def draining(
    database: TestDatabase,
    folder: Path,
    log: SmallLog,
    surroundings: Mapping[str, str],
    seconds: float,
) -> Service:
    urls = {"DATABASE_URL": database.urls.app, "OWNER_DATABASE_URL": database.urls.owner}
    grace = {"DRAIN_S": str(seconds), "INSTANCE": "blue", "BUILD": "1a2b3c4"}
    return service(folder, log, surroundings, **urls, **grace)


async def test_it_is_not_ready_for_a_while_before_it_stops_listening(
    database: TestDatabase, folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    alpine = draining(database, folder, log, surroundings, DRAIN_S)
    ready = f"{alpine.internal_url}/health?level=ready"
    async with started(alpine), ClientSession() as session:
        async with session.get(f"{alpine.internal_url}/health?level=deep") as response:
            deep = await response.json()
        assert await status(session, ready) == 200
        alpine.process.send(signal.SIGTERM)
        told = perf_counter()

        async def says_no() -> bool:
            return await status(session, ready) == 503

        async def has_ended() -> bool:
            return alpine.process.exit_code is not None

        await until(says_no, PATIENCE_S, "it says that it is not ready")
        # Whoever comes all the same is answered, on a connection that ends with the answer.
        async with session.get(f"{alpine.url}/v1/strategies") as response:
            assert response.status == 200
            assert response.headers["Connection"] == "close"
        assert await status(session, f"{alpine.url}/health?level=ready") == 503
        assert await status(session, f"{alpine.url}/health") == 200
        await until(has_ended, PATIENCE_S, "it ends")
        took_s = perf_counter() - told
        code = alpine.process.exit_code

    assert deep["status"] != "down"
    assert (deep["instance"], deep["build"]) == ("blue", "1a2b3c4")
    assert code == 0
    assert took_s >= DRAIN_S


async def test_whoever_asks_twice_does_not_wait(
    database: TestDatabase, folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    alpine = draining(database, folder, log, surroundings, 600)
    async with started(alpine):
        alpine.process.send(signal.SIGTERM)

        async def drains() -> bool:
            return bool(await alpine.told("service.draining"))

        await until(drains, PATIENCE_S, "it drains")
        code = await alpine.stop()
    assert code == 0
