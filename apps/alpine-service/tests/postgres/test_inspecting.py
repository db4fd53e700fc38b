"""What the database says of itself, as the app may ask it."""

from datetime import UTC, datetime, timedelta

from alpine_service.adapters.postgres import inspecting
from alpine_service.adapters.postgres.link import connected
from alpine_service.testing.postgres import TestDatabase


async def test_the_version_is_numbers_only(database: TestDatabase) -> None:
    version = await inspecting.server_version(database.app)
    major, minor = map(int, version.split("."))
    assert major >= 15
    assert minor >= 0


async def test_it_takes_writes_unless_it_is_told_not_to(database: TestDatabase) -> None:
    assert await inspecting.is_writable(database.app)
    async with connected(database.urls.owner) as owner:
        name = await owner.fetchval("SELECT current_database()")
        await owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        assert await inspecting.is_writable(database.app)
    async with database.reopened() as anew:
        assert not await inspecting.is_writable(anew)


async def test_a_clock_that_goes_wrong_is_seen(database: TestDatabase) -> None:
    now = await database.app.fetchval("SELECT clock_timestamp()")
    assert abs(await inspecting.clock_skew_s(database.app, now)) < 30
    behind = datetime(2020, 1, 1, tzinfo=UTC)
    skew = timedelta(seconds=await inspecting.clock_skew_s(database.app, behind))
    assert behind + skew > now


async def test_sizes_grow_with_rows(database: TestDatabase) -> None:
    await database.owner.execute("CREATE TABLE marks (text text)")
    before = await inspecting.size_bytes(database.app)
    fill = "INSERT INTO marks SELECT repeat('x', 1000) FROM generate_series(1, 2000)"
    await database.owner.execute(fill)
    await database.owner.execute("ANALYZE marks")
    assert await inspecting.size_bytes(database.app) > before + 2_000_000
    largest = (await inspecting.table_sizes(database.app))[0]
    assert (largest.name, largest.about_rows) == ("marks", 2_000)
    assert largest.size_bytes > 2_000_000


async def test_sessions_of_others_count_too(database: TestDatabase) -> None:
    async with database.app.connection(), database.owner.connection():
        seen = await inspecting.sessions(database.app)
    assert 3 <= seen.used <= seen.allowed
