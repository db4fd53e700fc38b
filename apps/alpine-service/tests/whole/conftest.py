"""What tests of the whole service share."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from alpine_service.testing.postgres import TestDatabase, TestServer, open_folder
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.whole.service import LOG_KEY, Service, service, started


@pytest.fixture(scope="session")
def surroundings() -> Mapping[str, str]:
    """Our own environment without Alpine's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ALPINE_")}


@pytest.fixture
def folder(postgres_server: TestServer) -> Iterator[Path]:
    """A folder that PostgreSQL's account may enter; skips where there are no programs."""
    with open_folder() as place:
        yield place


@pytest_asyncio.fixture
async def log() -> AsyncIterator[SmallLog]:
    """A log that shows sealed bodies to the service's key."""
    async with SmallLog(api_keys={LOG_KEY: frozenset({"read", "realtime"})}) as log:
        yield log


@pytest_asyncio.fixture
async def alpine(
    database: TestDatabase, folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> AsyncIterator[Service]:
    """The service, up, over a database of the tests' server."""
    one = beside(database, folder, log, surroundings)
    async with started(one):
        yield one


def beside(
    database: TestDatabase,
    folder: Path,
    log: SmallLog,
    surroundings: Mapping[str, str],
    **settings: str,
) -> Service:
    """A service over that database, not started yet; there may be several."""
    urls = {"DATABASE_URL": database.urls.app, "OWNER_DATABASE_URL": database.urls.owner}
    return service(folder, log, surroundings, **urls, **settings)
