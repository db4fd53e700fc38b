"""The tables of a signal log on SQLite, how they come to be, and how a file is told to be one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database
from sqlite_utils.db import Table
from sqlite_utils.migrations import Migrations

from argo_core.errors import LogConflict, LogError, LogUnavailable, LogUnusable

APPLICATION_ID = 0x4172676F  # "Argo"
SCHEMA_VERSION = 1

_AWAY = {
    sqlite3.SQLITE_BUSY: "let its other user finish",
    sqlite3.SQLITE_LOCKED: "let its other user finish",
    sqlite3.SQLITE_PROTOCOL: "let its other user finish",
    sqlite3.SQLITE_NOMEM: "free some memory",
    sqlite3.SQLITE_IOERR: "check the disk",
    sqlite3.SQLITE_FULL: "free some disk space",
}
_SHUT = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}

# Triggers to the letter; tables and indexes by their columns, because how these are spelled is the
# library's affair and may change with its version.
_DEFINITIONS = """
WITH ours AS (
    SELECT * FROM sqlite_master
    WHERE tbl_name != '_sqlite_migrations' AND tbl_name NOT GLOB 'sqlite_*'
)
SELECT type, name, tbl_name, CASE type WHEN 'trigger' THEN sql ELSE '' END FROM ours
UNION ALL SELECT 'column', c.name, ours.name, c.type || c."notnull" || c.pk
FROM ours JOIN pragma_table_info(ours.name) c WHERE ours.type = 'table'
UNION ALL SELECT 'indexed', c.name, ours.name, c.seqno
FROM ours JOIN pragma_index_info(ours.name) c WHERE ours.type = 'index'
ORDER BY 1, 2, 3, 4
"""

_MIGRATIONS = Migrations.migrations_table

migrations = Migrations("argo-signal-log")


@migrations()
def first_schema(db: Database) -> None:
    """Entries and their leaf hashes, capsules, the frontier, and the read model beside them."""
    _create(db, "entries", {"idx": int, "data": bytes})
    # Leaf hashes lie beside the entries, so that a start reads 40 bytes for each, not thousands.
    _create(db, "leaves", {"idx": int, "hash": bytes})
    _create(db, "capsules", {"sha256": str, "data": bytes})
    for table in ("entries", "leaves", "capsules"):
        db.execute(_trigger(table, "no_update", "UPDATE"))
        db.execute(_trigger(table, "no_delete", "DELETE"))
    # INSERT OR REPLACE deletes without firing the trigger for it, unless a connection asks for
    # recursive triggers; demanding the next index closes that hole on every connection.
    for table in ("entries", "leaves"):
        following = f"NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM {table})"  # noqa: S608 - ours
        db.execute(_trigger(table, "in_order", "INSERT", following))
    # The same capsule may come twice and is kept once, as it first came.
    known = "EXISTS (SELECT 1 FROM capsules WHERE sha256 = NEW.sha256)"
    db.execute(_trigger("capsules", "once", "INSERT", known, "IGNORE"))

    _create(
        db,
        "state",
        {
            "id": int,
            "log": str,
            "size": int,
            "peaks": bytes,
            "last_decided_us": int,
            "signals": int,
        },
    )
    _create(db, "sequences", {"strategy": str, "next_seq": int})

    # The read model: what follows can be made anew from the entries at any time.
    columns = {"idx": int, "symbol": str, "direction": str, "magnitude_bp": int, "decided_us": int}
    signals = _create(db, "signals", columns)
    # Newest first within a symbol: an index on one column is in order of index within it.
    signals.create_index(["symbol"])
    signals.create_index(["symbol", "decided_us"])
    signals.create_index(["symbol", "direction", "decided_us"])
    signals.create_index(["decided_us"])
    _create(db, "standing", {"symbol": str, "idx": int})

    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _create(db: Database, name: str, columns: dict[str, type]) -> Table:
    """A table whose first column is its key and whose columns are all filled."""
    key, *others = columns
    return db.table(name).create(columns, pk=key, not_null=others)


def _trigger(table: str, name: str, event: str, when: str = "TRUE", then: str = "") -> str:
    answer = f"RAISE({then})" if then else f"RAISE(ABORT, '{table} is append-only')"
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
        f"WHEN {when} BEGIN SELECT {answer}; END"
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into the log's, naming the file and what helps."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise LogConflict(f"{path}: {error}; somebody else wrote to it") from error
    except sqlite3.Error as error:
        raise _translate(path, error) from error
    except UnicodeDecodeError as error:
        # Damaged text, or SQLite quoting damaged text in its complaint.
        raise LogUnusable(f"{path}: {error}; restore it from a copy") from error


def _translate(path: Path, error: sqlite3.Error) -> LogError:
    # The low byte is the primary code; the rest says where inside SQLite it happened.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _AWAY:
        return LogUnavailable(f"{path}: {error}; {_AWAY[code]}, then try again")
    fix = "check path and permissions" if code in _SHUT else "restore it from a copy"
    return LogUnusable(f"{path}: {error}; {fix}, or choose another file")


def connect(path: Path, *, read_only: bool, busy_s: float) -> Database:
    """A connection for use in any one thread at a time.

    Raises:
        LogUnusable: the path is a folder, a device or the like.
    """
    if path.exists() and not path.is_file():
        raise LogUnusable(f"{path}: it is not a file; choose another path")
    mode = "ro" if read_only else "rwc"
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=busy_s, check_same_thread=False)
    # Plugins that happen to be installed have no business in a ledger.
    return Database(connection, execute_plugins=False)


def identify(db: Database, path: Path) -> bool:
    """Whether the file is a signal log already; False if it is empty, so that it may become one.

    Raises:
        LogUnusable: it belongs to another program, or to a newer version of this one.
    """
    application, version = _pragma(db, "application_id"), _pragma(db, "user_version")
    # A process that died while it made the file may have left the list of migrations, but no more.
    if application == 0 and version == 0 and set(db.table_names()) <= {_MIGRATIONS}:
        return False
    if application != APPLICATION_ID:
        problem = "this database belongs to another program"
        raise LogUnusable(f"{path}: {problem}; choose another file for the signal log")
    if not 1 <= version <= SCHEMA_VERSION:
        problem = f"it has schema {version}, this program knows 1 to {SCHEMA_VERSION}"
        raise LogUnusable(f"{path}: {problem}; update Argo, or choose another file")
    return True


def is_as_made(db: Database) -> bool:
    """Whether tables, indexes and triggers are those this program makes."""
    return bool(db.execute(_DEFINITIONS).fetchall() == _definitions_when_made())


@cache
def _definitions_when_made() -> list[tuple[Any, ...]]:
    db = Database(memory=True, execute_plugins=False)
    migrations.apply(db)
    made = db.execute(_DEFINITIONS).fetchall()
    db.close()
    return made


def _pragma(db: Database, name: str) -> Any:
    return db.execute(f"PRAGMA {name}").fetchone()[0]
