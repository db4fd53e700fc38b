"""Migrations by command."""

import asyncio
from pathlib import Path

from alpine_service.adapters.postgres.link import connected
from alpine_service.adapters.postgres.migrating import read_migrations
from alpine_service.adapters.postgres.roles import prepare
from alpine_service.testing.operating import Operator
from alpine_service.testing.postgres import TestServer

NAME = "alpine_not_migrated"


async def test_tables_are_missing_then_taken_then_current(
    postgres_server: TestServer, tmp_path: Path
) -> None:
    superuser = postgres_server.server.url
    urls = await prepare(superuser, NAME)
    names = [f"{one.number:04}_{one.name}" for one in await asyncio.to_thread(read_migrations)]
    alpine = Operator(
        {
            "ALPINE_DATABASE_URL": urls.app,
            "ALPINE_OWNER_DATABASE_URL": urls.owner,
            "ALPINE_FOLDER": str(tmp_path),
        }
    )
    try:
        checked = await alpine("migrate", "--check", "--json", code=1)
        assert checked.json == {"missing": names}
        doctor = await alpine("doctor", "--json", code=1)
        (found,) = [one for one in doctor.json["findings"] if one["name"] == "migrations"]
        assert found["condition"] == "down"
        assert names[0] in found["says"]
        taken = await alpine("migrate")
        assert taken.out.splitlines() == [f"taken: {name}" for name in names]
        assert (await alpine("migrate", "--check")).out == "the tables are up to date\n"
        assert (await alpine("migrate", "--json")).json == {"taken": []}
    finally:
        async with connected(superuser) as connection:
            await connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


async def test_the_services_role_cannot_migrate(
    postgres_server: TestServer, tmp_path: Path
) -> None:
    superuser = postgres_server.server.url
    urls = await prepare(superuser, f"{NAME}_2")
    try:
        alpine = Operator({"ALPINE_DATABASE_URL": urls.app, "ALPINE_FOLDER": str(tmp_path)})
        done = await alpine("migrate", code=1)
        (line,) = done.errors.splitlines()
        assert "permission denied" in line
        assert "alpine migrate" in line
    finally:
        async with connected(superuser) as connection:
            await connection.execute(f"DROP DATABASE {NAME}_2 WITH (FORCE)")
