"""What a database says of itself: for the health page and for `alpine doctor`."""

from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.database import Database

_TABLES = """
SELECT relname AS name, pg_total_relation_size(oid) AS size_bytes, reltuples::bigint AS about_rows
FROM pg_class WHERE relnamespace = 'alpine'::regnamespace AND relkind = 'r'
ORDER BY size_bytes DESC, relname COLLATE "C"
"""
# A mail that nobody takes, because nobody sees it before it is undone.
_TRIAL = """
INSERT INTO mail_queue (id, recipient, subject, text, headers, queued_at, next_at)
VALUES ('trial-' || gen_random_uuid(), '', '', '', '{}', now(), 'infinity')
"""
# Of other roles' sessions we may know no more than that they are there.
_SESSIONS = """
SELECT sum(numbackends)::int AS used, current_setting('max_connections')::int AS allowed
FROM pg_stat_database
"""


@frozen
class TableSize:
    """How large a table is, indexes included; `about_rows` is -1 where nobody has counted yet."""

    name: str
    size_bytes: int
    about_rows: int


@frozen
class Sessions:
    """How many connections the server has, and how many it allows."""

    used: int
    allowed: int


async def server_version(database: Database) -> str:
    """Such as `16.14`.

    Raises:
        DatabaseAway: it does not answer; as all functions here.
    """
    said = str(await database.fetchval("SHOW server_version"))
    return said.partition(" ")[0]


async def is_writable(database: Database) -> bool:
    """Whether it takes writes; a standby, or a server that is being emptied, does not."""
    question = (
        "SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::bool"
    )
    return bool(await database.fetchval(question))


async def takes_writes(database: Database) -> bool:
    """Write a row and undo it; whether it was written. Nobody else ever sees it."""
    async with database.connection() as connection:
        attempt = connection.transaction()
        await attempt.start()
        try:
            return await connection.execute(_TRIAL) == "INSERT 0 1"
        finally:
            await attempt.rollback()


async def clock_skew_s(database: Database, now: datetime) -> float:
    """How far the server's clock is ahead of `now`, in seconds, the question's way included."""
    theirs: datetime = await database.fetchval("SELECT clock_timestamp()")
    return (theirs - now).total_seconds()


async def size_bytes(database: Database) -> int:
    """The space that the database takes up on the server's disk."""
    return int(await database.fetchval("SELECT pg_database_size(current_database())"))


async def table_sizes(database: Database) -> list[TableSize]:
    """All tables, the largest first."""
    return [TableSize(**row) for row in await database.fetch(_TABLES)]


async def sessions(database: Database) -> Sessions:
    """Connections of all users to all databases of the server."""
    row = await database.fetchrow(_SESSIONS)
    assert row is not None  # noqa: S101 - counting gives one row
    return Sessions(**row)
