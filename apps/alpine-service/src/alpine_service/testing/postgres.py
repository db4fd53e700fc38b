"""PostgreSQL for tests: one server a session, a fresh database a test.

A `conftest.py` imports the fixtures by name, and adds `running_in_ci`, because only it may look at
the environment. A test asks for `database`.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from attrs import field, frozen

from alpine_service.adapters.postgres.database import Database, open_database
from alpine_service.adapters.postgres.launcher import Server, server_in
from alpine_service.adapters.postgres.link import connected
from alpine_service.adapters.postgres.migrating import migrate
from alpine_service.adapters.postgres.roles import OWNER, Urls, prepare
from alpine_service.errors import NoServer

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a place for folders with names nobody can guess
_TEMPLATE = "alpine_template"
_numbers = count()


@frozen
class TestDatabase:
    """A database with all tables and no rows, for one test.

    `app` has the rights of the running service, `owner` those of migrations; `urls` has the same
    two for other processes.
    """

    # Its name would make pytest look for tests in it.
    __test__ = False

    app: Database
    owner: Database
    urls: Urls = field(repr=False)
    superuser_url: str = field(repr=False)

    @property
    def url(self) -> str:
        """Where the service reaches it, password included."""
        return self.urls.app

    def reopened(self) -> AbstractAsyncContextManager[Database]:
        """Another pool of the app, as another process would have."""
        return open_database(self.urls.app, size=3)


@frozen
class TestServer:
    """A server whose template has all tables; `urls` are the template's."""

    __test__ = False

    server: Server
    urls: Urls = field(repr=False)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's account may enter; in memory, where that is to be had.

    pytest's `tmp_path` may be entered by us alone.
    """
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="alpine-", dir=place) as name:
        Path(name).chmod(0o711)
        yield Path(name)


def no_server(error: NoServer, *, running_in_ci: bool) -> NoReturn:
    """Fail where a server must be had, skip and say why elsewhere."""
    if running_in_ci:
        raise error
    pytest.skip(f"needs PostgreSQL: {error}")


@pytest.fixture(scope="session")
def postgres_server(running_in_ci: bool) -> Iterator[TestServer]:
    """A server in memory with the tables in a template; skips where there is none, fails in CI."""
    with open_folder() as folder:
        server = server_in(folder / "postgres", durable=False)
        try:
            started = server.__enter__()
        except NoServer as error:
            no_server(error, running_in_ci=running_in_ci)
        try:
            yield TestServer(started, asyncio.run(_make_template(started.url)))
        finally:
            server.__exit__(None, None, None)


@frozen
class Copy:
    """A database made from another one."""

    name: str
    urls: Urls = field(repr=False)


@asynccontextmanager
async def copy_of(server: TestServer, template: str = _TEMPLATE) -> AsyncIterator[Copy]:
    """A database as that one is, to which nobody may be connected; it is gone after the block."""
    name = f"alpine_test_{next(_numbers)}"
    superuser = server.server.url
    async with connected(superuser) as connection:
        # Copying files takes a third of the time that copying pages through the log does.
        how = f"TEMPLATE {template} STRATEGY FILE_COPY OWNER {OWNER}"
        await connection.execute(f"CREATE DATABASE {name} {how}")
        await connection.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
    try:
        yield Copy(
            name, Urls(*(_renamed(each, name) for each in (server.urls.owner, server.urls.app)))
        )
    finally:
        async with connected(superuser) as connection:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(postgres_server: TestServer) -> AsyncIterator[TestDatabase]:
    """A fresh database with all tables and no rows."""
    async with (
        copy_of(postgres_server) as copy,
        open_database(copy.urls.app) as app,
        open_database(copy.urls.owner, size=3) as owner,
    ):
        yield TestDatabase(app, owner, copy.urls, postgres_server.server.url)


async def _make_template(superuser_url: str) -> Urls:
    urls = await prepare(superuser_url, _TEMPLATE)
    await migrate(urls.owner)
    return urls


def _renamed(url: str, database: str) -> str:
    return url.replace(f"/{_TEMPLATE}?", f"/{database}?")
