"""Tables come to be step by step, once, by one at a time; what does not fit is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from alpine_service.adapters.postgres.database import Database, open_database
from alpine_service.adapters.postgres.link import connected
from alpine_service.adapters.postgres.migrating import (
    Migration,
    check_current,
    migrate,
    pending,
    read_migrations,
)
from alpine_service.adapters.postgres.roles import Urls, prepare
from alpine_service.errors import DatabaseAway, DatabaseRefused, SchemaNotCurrent
from alpine_service.testing.postgres import TestServer

NAME = "alpine_migrating"
ONE = Migration(1, "one", "CREATE TABLE one (id int); GRANT SELECT ON one TO alpine_app;")
TWO = Migration(2, "two", "CREATE TABLE two (id int);")
BAD = Migration(2, "bad", "CREATE TABLE two (id int); SELECT 1 / 0;")
ADDS = Migration(2, "adds", "-- expands\nCREATE TABLE two (id int);")
TAKES_AWAY = Migration(3, "takes_away", "DROP TABLE two;")
OTHER_ONE = Migration(1, "one", "CREATE TABLE one (id bigint);")


@pytest.fixture
async def urls(postgres_server: TestServer) -> AsyncIterator[Urls]:
    """A database in which nobody has made anything yet."""
    yield await prepare(postgres_server.server.url, NAME)
    async with connected(postgres_server.server.url) as superuser:
        await superuser.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
async def app(urls: Urls) -> AsyncIterator[Database]:
    async with open_database(urls.app, size=2) as database:
        yield database


async def tables(urls: Urls) -> set[str]:
    async with connected(urls.owner) as owner:
        rows = await owner.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND oid > 16384")
    return {row["relname"] for row in rows} - {"migrations"}


async def test_all_steps_are_taken_once(urls: Urls, app: Database) -> None:
    assert await pending(app, [ONE, TWO]) == (ONE, TWO)
    assert await migrate(urls.owner, [ONE, TWO]) == (ONE, TWO)
    assert await migrate(urls.owner, [ONE, TWO]) == ()
    assert await pending(app, [ONE, TWO]) == ()
    await check_current(app, [ONE, TWO])
    assert await tables(urls) == {"one", "two"}


async def test_a_later_version_takes_the_steps_that_are_new(urls: Urls, app: Database) -> None:
    await migrate(urls.owner, [ONE])
    with pytest.raises(
        SchemaNotCurrent, match=r"1 migrations are missing.*0002_two.*alpine migrate"
    ):
        await check_current(app, [ONE, TWO])
    assert await migrate(urls.owner, [ONE, TWO]) == (TWO,)
    await check_current(app, [ONE, TWO])


async def test_our_own_steps_fit_together(urls: Urls, app: Database) -> None:
    await migrate(urls.owner)
    await check_current(app)
    assert await pending(app) == ()


async def test_a_program_does_not_start_on_an_empty_database(urls: Urls, app: Database) -> None:
    with pytest.raises(SchemaNotCurrent, match="alpine migrate"):
        await check_current(app)


async def test_a_step_that_fails_leaves_nothing_and_those_before_stay(urls: Urls) -> None:
    with pytest.raises(DatabaseRefused):
        await migrate(urls.owner, [ONE, BAD])
    assert await tables(urls) == {"one"}
    assert await migrate(urls.owner, [ONE, TWO]) == (TWO,)


async def test_a_step_that_was_edited_later_is_refused(urls: Urls, app: Database) -> None:
    await migrate(urls.owner, [ONE])
    with pytest.raises(SchemaNotCurrent, match="0001_one is not this program's"):
        await migrate(urls.owner, [OTHER_ONE, TWO])
    with pytest.raises(SchemaNotCurrent, match="0001_one"):
        await check_current(app, [OTHER_ONE, TWO])
    assert await tables(urls) == {"one"}


async def test_a_database_of_a_newer_version_is_refused(urls: Urls, app: Database) -> None:
    await migrate(urls.owner, [ONE, TWO])
    with pytest.raises(SchemaNotCurrent, match="up to 2, this program knows 1"):
        await migrate(urls.owner, [ONE])
    with pytest.raises(SchemaNotCurrent, match="up to 2"):
        await check_current(app, [ONE])


async def test_an_older_program_works_on_beside_steps_that_only_add(
    urls: Urls, app: Database
) -> None:
    await migrate(urls.owner, [ONE, ADDS])
    await check_current(app, [ONE])
    assert await pending(app, [ONE]) == ()
    assert await migrate(urls.owner, [ONE]) == ()
    await migrate(urls.owner, [ONE, ADDS, TAKES_AWAY])
    await check_current(app, [ONE, ADDS, TAKES_AWAY])
    with pytest.raises(SchemaNotCurrent, match="up to 3, this program knows 1"):
        await check_current(app, [ONE])


async def test_tables_that_were_founded_before_steps_could_add_are_told_apart(
    urls: Urls, app: Database
) -> None:
    await migrate(urls.owner, [ONE])
    async with connected(urls.owner) as owner:
        await owner.execute("ALTER TABLE migrations DROP COLUMN expands")
    await check_current(app, [ONE])
    await migrate(urls.owner, [ONE, TWO])
    with pytest.raises(SchemaNotCurrent, match="up to 2"):
        await check_current(app, [ONE])


async def test_two_at_once_take_each_step_once(urls: Urls) -> None:
    taken = await asyncio.gather(*(migrate(urls.owner, [ONE, TWO]) for _ in range(4)))
    assert sorted(len(one) for one in taken) == [0, 0, 0, 2]


async def test_whoever_may_not_make_tables_is_told_so(urls: Urls) -> None:
    with pytest.raises(DatabaseRefused, match="permission denied"):
        await migrate(urls.app, [ONE])
    await migrate(urls.owner, [ONE])
    with pytest.raises(DatabaseRefused, match="permission denied"):
        await migrate(urls.app, [ONE, TWO])


async def test_a_server_that_is_away_is_said_to_be(urls: Urls) -> None:
    with pytest.raises(DatabaseAway):
        await migrate("postgresql://somebody:secret@127.0.0.1:1/alpine?sslmode=disable", [ONE])


async def test_the_app_role_has_to_be_there_first(
    urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alpine_service.adapters.postgres.migrating.APP", "alpine_missing")
    with pytest.raises(DatabaseRefused, match="CREATE ROLE alpine_missing"):
        await migrate(urls.owner, [ONE])
    assert await tables(urls) == set()


async def test_the_app_has_what_was_granted_and_no_more(urls: Urls, app: Database) -> None:
    await migrate(urls.owner, [ONE, TWO])
    assert await app.fetch("SELECT id FROM one") == []
    for refused in ("INSERT INTO one VALUES (1)", "SELECT id FROM two"):
        with pytest.raises(DatabaseRefused):
            await app.execute(refused)


async def test_other_roles_may_not_even_connect(urls: Urls, postgres_server: TestServer) -> None:
    await migrate(urls.owner, [ONE])
    async with connected(postgres_server.server.url) as superuser:
        await superuser.execute("CREATE ROLE alpine_stranger LOGIN PASSWORD 'stranger'")
        try:
            url = urls.app.replace("alpine_app:", "alpine_stranger:stranger@").split("@")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(f"{url[0]}@{url[-1]}")
        finally:
            await superuser.execute("DROP ROLE alpine_stranger")


def test_a_step_that_is_missing_in_the_package_is_seen(tmp_path: Path) -> None:
    for name in ("0001_one.sql", "0003_three.sql"):
        (tmp_path / name).write_text("SELECT 1;")
    with pytest.raises(SchemaNotCurrent, match="not 1 to 2"):
        read_migrations(tmp_path)


def test_a_step_knows_its_text() -> None:
    assert ONE.sha256 != OTHER_ONE.sha256
    assert ONE.sha256 == Migration(7, "else", ONE.sql).sha256


async def test_roles_and_passwords_stay_when_they_are_prepared_again(
    urls: Urls, postgres_server: TestServer
) -> None:
    again = await prepare(postgres_server.server.url, NAME)
    assert again == urls
    assert urls.app not in repr(urls)
    assert urls.app.split("@")[0] != urls.owner.split("@")[0]


async def test_neither_role_is_more_than_it_has_to_be(
    urls: Urls, postgres_server: TestServer
) -> None:
    rights = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    async with connected(postgres_server.server.url) as superuser:
        known = f"SELECT {rights} FROM pg_roles WHERE rolname LIKE 'alpine_%'"  # noqa: S608 - ours
        rows = await superuser.fetch(known)
    assert len(rows) >= 2
    assert not any(any(row) for row in rows)
