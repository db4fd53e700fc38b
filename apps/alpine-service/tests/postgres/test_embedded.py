"""A database of our own comes ready; a command works beside the service."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.embedded import embedded_database, shared_database
from alpine_service.adapters.postgres.migrating import check_current
from alpine_service.adapters.postgres.roles import prepare
from alpine_service.errors import NoServer
from alpine_service.testing.postgres import TestServer, no_server, open_folder


@pytest.fixture(scope="module")
def folder(postgres_server: TestServer) -> Iterator[Path]:
    with open_folder() as place:
        yield place / "postgres"


async def test_it_comes_with_roles_and_tables(folder: Path) -> None:
    async with embedded_database(folder) as urls, open_database(urls.app) as app:
        await check_current(app)


async def test_a_command_works_with_and_without_the_service(folder: Path) -> None:
    async with shared_database(folder) as alone, open_database(alone.app) as app:
        await check_current(app)
    async with (
        embedded_database(folder) as service,
        open_database(service.app) as served,
        shared_database(folder) as beside,
        open_database(beside.app) as app,
    ):
        # The service's own way in stays open.
        assert beside == service
        await check_current(app)
        await check_current(served)


async def test_several_may_prepare_at_once(postgres_server: TestServer) -> None:
    url = postgres_server.server.url
    made = await asyncio.gather(*(prepare(url, "alpine_template") for _ in range(5)))
    assert set(made) == {postgres_server.urls}


def test_no_server_is_a_failure_in_ci_and_a_skip_elsewhere() -> None:
    error = NoServer("there is none", "install one")
    with pytest.raises(NoServer):
        no_server(error, running_in_ci=True)
    with pytest.raises(pytest.skip.Exception, match="needs PostgreSQL: there is none"):
        no_server(error, running_in_ci=False)
