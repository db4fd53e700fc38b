"""A real server for every test that needs one; a database of its own for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from argo_adapters.postgres.launcher import NoServer, PrivateServer, private_server
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles, make_roles
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner

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
            triggers = await superuser.fetch(
                "SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger t "
                "WHERE t.tgrelid::regclass::text LIKE 'record.%' AND NOT t.tgisinternal"
            )
            async with superuser.transaction():
                for table, name in triggers:
                    await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
                for statement in statements:
                    await superuser.execute(statement)
                for table, name in triggers:
                    await superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")

    return tampered
