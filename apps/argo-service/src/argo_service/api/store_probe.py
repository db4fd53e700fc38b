"""Whether the database takes a write: one is made and rolled back."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from argo_core.resilience.secret import Secret
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe

_BUSY_S = 1.0


def postgres_write_probe(url: Secret) -> Probe:
    """The same of a database, in a session of its own."""

    async def look() -> str:
        # Its library is there already, as the log is in it.
        from argo_service.record_in_postgres import try_to_write  # noqa: PLC0415 - see above

        await try_to_write(url)
        return "a write was made and rolled back"

    return Probe("write", Level.DEEP, look)


def write_probe(database: Path) -> Probe:
    """A deep check on a connection of its own, beside the log's."""

    async def look() -> str:
        await asyncio.to_thread(_write_and_roll_back, database)
        return "a write was made and rolled back"

    return Probe("write", Level.DEEP, look)


def _write_and_roll_back(database: Path) -> None:
    try:
        # Opened for reading and writing, never to be made: an absent database is a finding.
        address = f"{database.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE probe (x INTEGER) STRICT")
            connection.execute("INSERT INTO probe VALUES (1)")
            connection.execute("ROLLBACK")
    except (sqlite3.Error, OSError) as error:
        raise NotWell(f"the database takes no write: {error}; check disk and rights") from error
