"""A real server for every test that needs one; a database of its own for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from argo_adapters.postgres.launcher import NoServer, PrivateServer, private_server
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles, make_roles
from argo_adapters.postgres.schema import check_migrations, describe, load_texts, migrate, shape
from argo_core.errors import LogUnusable
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner

Tamper = Callable[..., Awaitable[None]]
SIGNER = FakeSigner(LOG)
FILLED = (
    *(f"record.{table}" for table in ("entries", "leaves", "nodes", "capsules", "sealed")),
    *(f"record.{table}" for table in ("heads", "cosignatures", "leases")),
    *(f"reading.{table}" for table in ("signals", "standing", "outcomes")),
)


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
    load_texts()
    return asyncio.run(make_roles(server.url, "argo"))


@pytest.fixture
def superuser_url(server: PrivateServer) -> str:
    """Where the superuser enters the database."""
    return server.url.replace("/postgres?", "/argo?")


@pytest.fixture
async def bare(database: Roles, superuser_url: str) -> Roles:
    """The database without any tables."""
    async with connected(address_of(superuser_url), call_s=20) as superuser:
        await superuser.execute("DROP SCHEMA IF EXISTS record, reading CASCADE")
    return database


@pytest.fixture
async def roles(database: Roles, superuser_url: str, tamper: Tamper) -> Roles:
    """The database with the tables of a log that has nothing in it."""
    async with connected(address_of(database.app_url), call_s=20) as app:
        is_as_made = set(await describe(app)) == set(shape())
    if is_as_made:
        # Quicker by far than making the tables anew.
        await tamper(*(f"DELETE FROM {table}" for table in FILLED))  # noqa: S608 - ours
        try:
            async with connected(address_of(database.app_url), call_s=20) as app:
                await check_migrations(app, "the test's database")
        except LogUnusable:
            is_as_made = False
    if not is_as_made:
        async with connected(address_of(superuser_url), call_s=20) as superuser:
            await superuser.execute("DROP SCHEMA IF EXISTS record, reading CASCADE")
        async with connected(address_of(database.owner_url), call_s=20) as owner:
            await migrate(owner, "argo_app", "the test's database")
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
