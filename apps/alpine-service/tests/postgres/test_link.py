"""What goes wrong between us and a database comes out as an error that says what helps."""

import asyncio
import socket
from collections.abc import AsyncIterator

import asyncpg
import pytest
from attrs import evolve

from alpine_service.adapters.postgres.database import Database, open_database
from alpine_service.adapters.postgres.link import Waits, connected, translated
from alpine_service.errors import (
    DatabaseAway,
    DatabaseRefused,
    SchemaNotCurrent,
)
from alpine_service.testing.postgres import TestDatabase

SHORT = Waits(connect_s=1.0, lock_s=0.05, statement_s=0.2, idle_s=0.05)


@pytest.fixture
async def short(database: TestDatabase) -> AsyncIterator[Database]:
    """As the owner, with little patience and two connections."""
    async with open_database(database.urls.owner, size=2, waits=SHORT) as opened:
        await opened.execute("CREATE TABLE marks (id int PRIMARY KEY)")
        yield opened


async def test_a_wrong_password_is_refused_and_not_repeated(database: TestDatabase) -> None:
    url = database.url.replace("alpine_app:", "alpine_app:not")
    async with open_database(url) as opened:
        with pytest.raises(DatabaseRefused, match="user and password") as refused:
            await opened.execute("SELECT 1")
    assert url.split(":")[2].split("@")[0] not in str(refused.value)
    assert url not in repr(opened)


async def test_a_database_that_is_not_there_is_named(database: TestDatabase) -> None:
    async with open_database(database.urls.owner.replace("/alpine_test", "/no_such")) as opened:
        with pytest.raises(DatabaseRefused, match="make the database"):
            await opened.execute("SELECT 1")


async def test_nobody_listening_is_a_database_that_is_away() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://somebody:secret@127.0.0.1:{nobody.getsockname()[1]}/alpine"
        async with open_database(url) as opened:
            with pytest.raises(DatabaseAway, match="check the server"):
                await opened.execute("SELECT 1")


async def test_somebody_who_says_nothing_is_not_waited_for_long() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://somebody:secret@127.0.0.1:{silent.getsockname()[1]}/alpine"
        async with open_database(url, waits=evolve(SHORT, connect_s=0.05)) as opened:
            with pytest.raises(DatabaseAway, match="no answer in time"):
                await opened.execute("SELECT 1")


async def test_a_statement_that_takes_too_long_is_ended(short: Database) -> None:
    with pytest.raises(DatabaseAway, match="statement timeout"):
        await short.execute("SELECT pg_sleep(60)")
    assert await short.fetchval("SELECT 1") == 1


async def test_a_lock_is_not_waited_for_without_end(
    short: Database, database: TestDatabase
) -> None:
    async with connected(database.urls.owner) as holder, holder.transaction():
        await holder.execute("LOCK TABLE marks")
        with pytest.raises(DatabaseAway, match="lock timeout"):
            await short.execute("INSERT INTO marks VALUES (1)")


async def test_a_transaction_that_stops_talking_is_ended(short: Database) -> None:
    async def fall_silent() -> None:
        async with short.transaction() as connection:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _: ended.set())
            await ended.wait()
            await connection.execute("SELECT 1")

    with pytest.raises(DatabaseAway):
        await fall_silent()
    assert await short.fetchval("SELECT 1") == 1


async def test_a_free_connection_is_not_waited_for_without_end(database: TestDatabase) -> None:
    waits = Waits(connect_s=0.2)
    async with open_database(database.url, size=1, waits=waits) as opened, opened.connection():
        with pytest.raises(DatabaseAway, match="no answer in time"):
            await opened.execute("SELECT 1")


async def test_a_connection_that_the_server_ends_is_replaced(database: TestDatabase) -> None:
    async def be_ended() -> None:
        async with database.app.connection() as victim:
            pid = await victim.fetchval("SELECT pg_backend_pid()")
            ended = asyncio.Event()
            victim.add_termination_listener(lambda _: ended.set())
            async with connected(database.superuser_url) as superuser:
                await superuser.execute("SELECT pg_terminate_backend($1)", pid)
            await ended.wait()
            await victim.execute("SELECT 1")

    with pytest.raises(DatabaseAway):
        await be_ended()
    assert await database.app.fetchval("SELECT 1") == 1


async def test_whoever_comes_second_is_to_try_again(database: TestDatabase) -> None:
    await database.owner.execute("CREATE TABLE marks (n int)")
    await database.owner.execute("INSERT INTO marks VALUES (0)")

    async def come_second() -> None:
        async with database.owner.transaction("repeatable_read") as late:
            await late.fetch("SELECT n FROM marks")
            await database.owner.execute("UPDATE marks SET n = n + 1")
            await late.execute("UPDATE marks SET n = n + 1")

    with pytest.raises(DatabaseAway, match="try again"):
        await come_second()
    assert await database.owner.fetchval("SELECT n FROM marks") == 1


async def test_tables_that_are_missing_call_for_a_migration(database: TestDatabase) -> None:
    for statement in ("SELECT 1 FROM nowhere", "SELECT nothing FROM migrations"):
        with pytest.raises(SchemaNotCurrent, match="alpine migrate"):
            await database.app.execute(statement)


async def test_values_are_not_repeated_in_messages(database: TestDatabase) -> None:
    with pytest.raises(DatabaseRefused) as refused:
        await database.app.execute("SELECT 'secret'::int")
    assert "secret" not in str(refused.value)
    await database.owner.execute("CREATE TABLE marks (mark text PRIMARY KEY)")
    await database.owner.execute("INSERT INTO marks VALUES ('secret')")
    with pytest.raises(DatabaseRefused) as refused:
        await database.owner.execute("INSERT INTO marks VALUES ($1)", "secret")
    assert "secret" not in str(refused.value)


async def test_a_mistake_of_ours_passes_as_what_it_is(database: TestDatabase) -> None:
    with pytest.raises(asyncpg.InterfaceError, match="expects 1 argument"):
        await database.app.fetchval("SELECT $1::int")


async def test_a_pool_that_is_closed_is_a_database_that_is_away(database: TestDatabase) -> None:
    async with open_database(database.url) as opened:
        pass
    with pytest.raises(DatabaseAway, match="the connection is closed"):
        await opened.execute("SELECT 1")


async def test_a_pool_does_not_wait_for_a_borrower_without_end(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alpine_service.adapters.postgres.database._FAREWELL_S", 0.05)
    opening = open_database(database.url)
    opened = await opening.__aenter__()
    borrowed = opened.connection()
    connection = await borrowed.__aenter__()
    await opening.__aexit__(None, None, None)
    with pytest.raises(asyncpg.InterfaceError, match="released"):
        await connection.execute("SELECT 1")
    await borrowed.__aexit__(None, None, None)


async def test_a_server_that_is_gone_is_not_waited_for_at_the_farewell(
    database: TestDatabase,
) -> None:
    async def lose() -> None:
        async with connected(database.url) as connection:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            async with connected(database.superuser_url) as superuser:
                await superuser.execute("SELECT pg_terminate_backend($1)", pid)
            await connection.execute("SELECT 1")

    with pytest.raises(DatabaseAway):
        await lose()


async def test_a_farewell_is_not_waited_for_without_end(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alpine_service.adapters.postgres.link._FAREWELL_S", 0.0)
    async with connected(database.url) as connection:
        pass
    assert connection.is_closed()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (asyncpg.PostgresError("odd"), DatabaseRefused),
        (asyncpg.DiskFullError("full"), DatabaseAway),
        (asyncpg.TooManyConnectionsError("too many"), DatabaseAway),
        (asyncpg.ReadOnlySQLTransactionError("read only"), DatabaseAway),
        (asyncpg.AdminShutdownError("ending"), DatabaseAway),
        (asyncpg.DataCorruptedError("broken"), DatabaseRefused),
        (ConnectionResetError("reset"), DatabaseAway),
    ],
)
def test_each_error_says_what_to_do_next(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as told, translated("db.example/alpine"):
        raise error
    assert told.value.__cause__ is error
    assert str(told.value).startswith("db.example/alpine: ")
