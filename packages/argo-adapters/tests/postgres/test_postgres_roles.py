"""The app's role reads and adds; not even the owner changes the record; more rights are refused."""

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_core.errors import LogUnusable
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

# Each table with a column that somebody might like to change.
RECORD = {
    "entries": "data",
    "leaves": "hash",
    "nodes": "hash",
    "capsules": "data",
    "sealed": "body",
    "heads": "note",
    "cosignatures": "line",
    "leases": "holder",
    "migrations": "name",
}


@pytest.fixture
async def filled(log: PostgresLog, roles: Roles) -> Roles:
    await log.append(signal_batch(0, range(5)))
    return roles


def changes(table: str) -> tuple[str, ...]:
    column = RECORD[table]
    return (
        f"UPDATE record.{table} SET {column} = {column}",  # noqa: S608 - ours
        f"DELETE FROM record.{table}",  # noqa: S608 - ours
        f"TRUNCATE record.{table}",
    )


async def refused(url: str, statement: str) -> str:
    """The code with which the server refuses a statement."""
    async with connected(address_of(url), call_s=10) as connection:
        with pytest.raises(asyncpg.PostgresError) as caught:
            await connection.execute(statement)
    return str(caught.value.sqlstate)


@pytest.mark.parametrize("table", RECORD)
async def test_the_app_cannot_change_the_record(filled: Roles, table: str) -> None:
    for statement in (
        *changes(table),
        f"DROP TABLE record.{table}",
        f"ALTER TABLE record.{table} DISABLE TRIGGER ALL",
        f"ALTER TABLE record.{table} ADD COLUMN more integer",
        f"ALTER TABLE record.{table} OWNER TO argo_app",
    ):
        assert await refused(filled.app_url, statement) == "42501", statement


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "CREATE SCHEMA mine",
        "CREATE TABLE record.mine (a integer)",
        "CREATE TABLE reading.mine (a integer)",
        "DROP SCHEMA record CASCADE",
        "DROP TABLE reading.signals",
        "DROP FUNCTION record.refuse() CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON record.heads EXECUTE FUNCTION record.refuse()",
        "INSERT INTO record.migrations VALUES (2, 'mine', 'x')",
        "SET ROLE argo_owner",
    ],
)
async def test_the_app_cannot_change_the_rules(filled: Roles, statement: str) -> None:
    assert await refused(filled.app_url, statement) == "42501"


@pytest.mark.parametrize("table", RECORD)
async def test_not_even_the_owner_changes_the_record(filled: Roles, table: str) -> None:
    for statement in changes(table):
        assert await refused(filled.owner_url, statement) == "AR003"


@pytest.mark.parametrize(
    "row",
    [
        "entries VALUES (6, 'x')",
        "entries VALUES (-1, 'x')",
        "entries VALUES (5, 'x'), (7, 'x')",
        "leaves VALUES (6, 'x')",
        "nodes VALUES (1, 1, 'x')",
        "nodes VALUES (0, 0, 'x')",
        "heads VALUES (6, 1, '', '{}', 0, 0, '')",
        "heads VALUES (5, 1, '', '{}', 0, 0, '')",
        "leases VALUES (3, 'me', now())",
        "leases VALUES (1, 'me', now())",
    ],
)
async def test_nothing_is_added_out_of_order(filled: Roles, row: str) -> None:
    assert await refused(filled.app_url, f"INSERT INTO record.{row}") == "AR001"


async def test_a_capsule_is_kept_under_its_own_hash_only(filled: Roles) -> None:
    assert await refused(filled.app_url, "INSERT INTO record.capsules VALUES ('x', 'y')") == "23514"


async def test_a_head_under_an_old_lease_is_refused(filled: Roles) -> None:
    added = "INSERT INTO record.entries VALUES (5, 'x'); "
    head = "INSERT INTO record.heads VALUES (6, 0, '', '{}', 0, 0, '')"
    assert await refused(filled.app_url, added + head) == "AR002"


async def test_a_superuser_is_too_much(
    filled: Roles, superuser_url: str, signer: FakeSigner
) -> None:
    with pytest.raises(LogUnusable, match="postgres is a superuser; give the app a role"):
        async with PostgresLog.open(superuser_url, signer):
            pass


async def test_the_owner_is_too_much(filled: Roles, signer: FakeSigner) -> None:
    with pytest.raises(LogUnusable, match="argo_owner owns the tables"):
        async with PostgresLog.open(filled.owner_url, signer):
            pass


@pytest.mark.parametrize(
    ("given", "taken", "problem"),
    [
        ("GRANT argo_owner TO argo_app", "REVOKE argo_owner FROM argo_app", "member of their"),
        ("ALTER ROLE argo_app CREATEROLE", "ALTER ROLE argo_app NOCREATEROLE", "make roles"),
        (
            "GRANT SET ON PARAMETER session_replication_role TO argo_app",
            "REVOKE SET ON PARAMETER session_replication_role FROM argo_app",
            "switch triggers off",
        ),
        (
            "GRANT CREATE ON DATABASE argo TO argo_app",
            "REVOKE CREATE ON DATABASE argo FROM argo_app",
            "make schemas",
        ),
        (
            "GRANT CREATE ON SCHEMA reading TO argo_app",
            "REVOKE CREATE ON SCHEMA reading FROM argo_app",
            "make tables",
        ),
        (
            "GRANT pg_write_all_data TO argo_app",
            "REVOKE pg_write_all_data FROM argo_app",
            "change or empty",
        ),
        (
            "GRANT UPDATE ON record.heads TO argo_app",
            "REVOKE UPDATE ON record.heads FROM argo_app",
            "change or empty",
        ),
    ],
)
async def test_a_right_too_many_is_named(
    roles: Roles, superuser_url: str, given: str, taken: str, problem: str
) -> None:
    signer = FakeSigner(LOG)
    async with PostgresLog.open(roles.app_url, signer, owner_url=roles.owner_url):
        pass
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute(given)
        try:
            with pytest.raises(LogUnusable, match=problem):
                async with PostgresLog.open(roles.app_url, signer):
                    pass
        finally:
            await superuser.execute(taken)
    async with PostgresLog.open(roles.app_url, signer):
        pass
