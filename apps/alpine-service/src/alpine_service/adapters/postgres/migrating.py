"""How the tables come to be, and how they are told from older, newer and changed ones.

A step whose first line is `-- expands` only adds: a program that does not know it works on beside
newer ones, and can be gone back to. Any other step is for when no older program is left.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from attrs import field, frozen

from alpine_service.adapters.postgres.address import address_of
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import (
    SCHEMA,
    Connection,
    Waits,
    connected,
)
from alpine_service.adapters.postgres.roles import APP, quote
from alpine_service.errors import DatabaseRefused, SchemaNotCurrent

_PLACE = files("alpine_service.adapters.postgres") / "migrations"
_LOCK = 0x416C70696E65  # "Alpine"
# Another program's migrations may be waited for; a table that is in use, only for a moment.
_WAITS = Waits(lock_s=60.0, statement_s=600.0)
_TABLE_LOCK = "SET LOCAL lock_timeout = '5s'"
_EXPANDS = "-- expands"
# By way of JSON, because the column came with a later step.
_TAKEN = """
SELECT number, name, sha256, coalesce((to_jsonb(m) ->> 'expands')::boolean, false) AS expands
FROM migrations m ORDER BY number
"""
_RECORD = "INSERT INTO migrations (number, name, sha256) VALUES ($1, $2, $3)"
_RECORD_EXPANDS = "UPDATE migrations SET expands = true WHERE number = $1"
_FOUND = f"""
CREATE SCHEMA {SCHEMA};
CREATE TABLE migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    expands boolean NOT NULL DEFAULT false
);
"""
_RIGHTS = f"""
REVOKE ALL ON DATABASE {{database}} FROM PUBLIC;
GRANT CONNECT ON DATABASE {{database}} TO {APP};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA {SCHEMA} TO {APP};
GRANT SELECT ON migrations TO {APP};
"""


@frozen
class Migration:
    """One step from older tables to newer ones."""

    number: int
    name: str
    sql: str = field(repr=False)

    @property
    def sha256(self) -> bytes:
        return sha256(self.sql.encode()).digest()

    @property
    def expands(self) -> bool:
        """Whether a program that does not know it can work with what it leaves."""
        return self.sql.partition("\n")[0].strip() == _EXPANDS


def read_migrations(place: Traversable = _PLACE) -> tuple[Migration, ...]:
    """The steps in order; blocking.

    Raises:
        SchemaNotCurrent: one is missing, or two have one number.
    """
    names = sorted(one.name for one in place.iterdir() if one.name.endswith(".sql"))
    steps = tuple(
        Migration(int(name[:4]), name[5:-4], (place / name).read_text("utf-8")) for name in names
    )
    if [one.number for one in steps] != list(range(1, len(steps) + 1)):
        raise SchemaNotCurrent(f"the migrations are not 1 to {len(steps)}; install Alpine again")
    return steps


async def migrate(
    owner_url: str, steps: Sequence[Migration] | None = None
) -> tuple[Migration, ...]:
    """Bring the tables up to date, as their owner; the steps that were taken.

    Each is one transaction. If another process is at it, that one is waited for.

    Raises:
        DatabaseAway: the server cannot be reached now, or something is locked for too long.
        DatabaseRefused: a right is missing, or a step failed, and which.
        SchemaNotCurrent: the tables are newer than this program, or were made by other steps.
    """
    label = (await address_of(owner_url)).label
    steps = await _steps(steps)
    async with connected(owner_url, name="alpine-migrate", waits=_WAITS) as owner:
        await owner.execute(f"SELECT pg_advisory_lock({_LOCK})")
        if not await _is_founded(owner):
            await _found(owner, label)
        missing = _missing(label, await owner.fetch(_TAKEN), steps)
        for one in missing:
            await _take(owner, one)
    return missing


async def pending(
    database: Database, steps: Sequence[Migration] | None = None
) -> tuple[Migration, ...]:
    """The steps that `migrate` would take.

    Raises:
        DatabaseAway: the server cannot be reached now.
        SchemaNotCurrent: the tables are newer than this program, or were made by other steps.
    """
    steps = await _steps(steps)
    async with database.connection() as connection:
        if not await _is_founded(connection):
            return tuple(steps)
        return _missing(database.label, await connection.fetch(_TAKEN), steps)


async def check_current(database: Database, steps: Sequence[Migration] | None = None) -> None:
    """Refuse to start on tables that are not this program's.

    Raises:
        DatabaseAway: the server cannot be reached now.
        SchemaNotCurrent: they are older or newer, or were made by other steps.
    """
    missing = await pending(database, steps)
    if missing:
        first = f"{missing[0].number:04}_{missing[0].name}"
        problem = f"{len(missing)} migrations are missing, beginning with {first}"
        raise SchemaNotCurrent(f"{database.label}: {problem}; run `alpine migrate`")


async def _steps(given: Sequence[Migration] | None) -> tuple[Migration, ...]:
    return await asyncio.to_thread(read_migrations) if given is None else tuple(given)


async def _is_founded(connection: Connection) -> bool:
    question = f"SELECT to_regclass('{SCHEMA}.migrations') IS NOT NULL"
    return bool(await connection.fetchval(question))


async def _found(owner: Connection, label: str) -> None:
    if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", APP):
        fix = f"let a superuser say CREATE ROLE {APP} LOGIN PASSWORD '...'"
        raise DatabaseRefused(f"{label}: the app's role {APP} is missing; {fix}")
    database = await quote(owner, await owner.fetchval("SELECT current_database()"))
    async with owner.transaction():
        await owner.execute(_FOUND)
        await owner.execute(_RIGHTS.format(database=database))


async def _take(owner: Connection, one: Migration) -> None:
    async with owner.transaction():
        await owner.execute(f"{_TABLE_LOCK};\n{one.sql}")
        await owner.execute(_RECORD, one.number, one.name, one.sha256)
        if one.expands:
            await owner.execute(_RECORD_EXPANDS, one.number)


def _missing(label: str, taken: Sequence[Any], steps: Sequence[Migration]) -> tuple[Migration, ...]:
    if not all(row["expands"] for row in taken[len(steps) :]):
        problem = f"it has migrations up to {len(taken)}, this program knows {len(steps)}"
        raise SchemaNotCurrent(f"{label}: {problem}; install the newer Alpine, or restore a copy")
    for row, one in zip(taken, steps, strict=False):
        if (row["number"], row["sha256"]) != (one.number, one.sha256):
            problem = f"migration {row['number']:04}_{row['name']} is not this program's"
            raise SchemaNotCurrent(f"{label}: {problem}; restore it from a copy, or take another")
    return tuple(steps[len(taken) :])
