"""A real server for every test that needs one; a database of its own for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from argo_adapters.postgres.launcher import NoServer, PrivateServer, private_server
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles, make_roles
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner

Start = Callable[..., Awaitable[PrivateServer]]
Tamper = Callable[..., Awaitable[None]]
SIGNER = FakeSigner(LOG)


def there(server: PrivateServer | NoServer) -> PrivateServer:
    """The server, or a failure where it must not be missing, or a skip that says why."""
    if isinstance(server, NoServer):
        if os.environ.get("CI"):
            pytest.fail(server.problem)
        pytest.skip(server.problem)
    return server


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateServer]:
    """One for the tests that leave it in peace."""
    with private_server() as started:
        yield there(started)


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers that may be killed."""
    with ExitStack() as owned:

        async def started(**options: Any) -> PrivateServer:
            context = private_server(**options)
            server = await asyncio.to_thread(context.__enter__)
            owned.push(context.__exit__)
            return there(server)

        try:
            yield started
        finally:
            await asyncio.to_thread(owned.close)


@pytest.fixture
def signer() -> FakeSigner:
    return SIGNER


@pytest.fixture(scope="session")
def database(server: PrivateServer) -> Roles:
    """One for all tests, because making one takes longer than most of them."""
    return asyncio.run(make_roles(server.url, "argo"))


@pytest.fixture
def superuser_url(server: PrivateServer) -> str:
    """Where the superuser enters the database."""
    return server.url.replace("/postgres?", "/argo?")


@pytest.fixture
async def roles(database: Roles, superuser_url: str) -> Roles:
    """The database, emptied."""
    async with connected(address_of(superuser_url), call_s=20) as superuser:
        await superuser.execute("DROP SCHEMA IF EXISTS record, reading CASCADE")
    return database


@pytest.fixture
async def log(roles: Roles) -> AsyncIterator[PostgresLog]:
    async with PostgresLog.open(
        roles.app_url, SIGNER, owner_url=roles.owner_url, call_s=20
    ) as opened:
        yield opened


@pytest.fixture
def tamper(superuser_url: str) -> Tamper:
    """Does what nobody but a superuser can do: pass by the triggers, and leave no other trace."""

    async def tampered(*statements: str) -> None:
        async with connected(address_of(superuser_url), call_s=10) as superuser:
            tables = await superuser.fetch(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
                "WHERE schemaname = 'record'"
            )
            async with superuser.transaction():
                for (name,) in tables:
                    await superuser.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
                for statement in statements:
                    await superuser.execute(statement)
                for (name,) in tables:
                    await superuser.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER USER")

    return tampered
