"""Each test has a database of its own, and a store may do no more than it was granted."""

from datetime import UTC, datetime

import asyncpg
import pytest

from alpine_service.adapters.postgres.migrating import check_current
from alpine_service.errors import DatabaseRefused
from alpine_service.testing.postgres import TestDatabase


async def test_a_fresh_database_has_all_tables(database: TestDatabase) -> None:
    await check_current(database.app)


async def test_json_and_time_come_and_go_as_values(database: TestDatabase) -> None:
    told = {"sources": ["one", "two"], "weight": 0.25, "none": None}
    at = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    row = await database.app.fetchrow("SELECT $1::jsonb AS told, $2::timestamptz AS at", told, at)
    assert row is not None
    assert (row["told"], row["at"], row["at"].tzinfo) == (told, at, UTC)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "DROP TABLE migrations",
        "ALTER TABLE migrations ADD COLUMN mine int",
        "DELETE FROM migrations",
        "SET ROLE alpine_owner",
        "CREATE ROLE mine",
    ],
)
async def test_the_app_cannot_change_tables(database: TestDatabase, statement: str) -> None:
    with pytest.raises(DatabaseRefused):
        await database.app.execute(statement)


async def test_a_transaction_that_fails_leaves_nothing(database: TestDatabase) -> None:
    await database.owner.execute("CREATE TABLE marks (id int PRIMARY KEY)")

    async def fail() -> None:
        async with database.owner.transaction() as connection:
            await connection.execute("INSERT INTO marks VALUES (1)")
            await connection.execute("INSERT INTO marks VALUES (1)")

    with pytest.raises(DatabaseRefused):
        await fail()
    assert await database.owner.fetchval("SELECT count(*) FROM marks") == 0


async def test_what_a_store_expects_it_catches_itself(database: TestDatabase) -> None:
    await database.owner.execute("CREATE TABLE marks (id int PRIMARY KEY)")
    async with database.owner.connection() as connection:
        await connection.execute("INSERT INTO marks VALUES (1)")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO marks VALUES (1)")
