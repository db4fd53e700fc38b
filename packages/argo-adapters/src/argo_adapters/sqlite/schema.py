"""The tables of a signal log on SQLite, how they come to be, and how a file is told to be one.

The record: `entries`, `leaves`, `nodes`, `capsules`, `sealed`, `heads`, `cosignatures`, `leases`;
rows are added and nothing else. The read model: `signals`, `standing`, `outcomes`; made of it.
"""

from functools import cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table
from sqlite_utils.migrations import Migrations

from argo_core.errors import LogUnusable

APPLICATION_ID = 0x4172676F  # "Argo"
SCHEMA_VERSION = 1

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
    """The record with its triggers, and the read model beside it."""
    _create(db, "entries", {"idx": int, "data": bytes})
    # Leaf hashes lie beside the entries, so that a start reads 40 bytes for each, not thousands.
    _create(db, "leaves", {"idx": int, "hash": bytes})
    # Of the tiles above: a hash of level L is the root of 256^L leaves.
    _create(db, "nodes", {"level": int, "idx": int, "hash": bytes}, keys=2)
    _create(db, "capsules", {"sha256": str, "data": bytes})
    # What commit entries commit to. The nonces are secret until they are revealed.
    _create(db, "sealed", {"commitment": str, "nonce": bytes, "body": bytes})
    # The newest row is where the log stands; `note` is its checkpoint, signed by the log.
    heads = {
        "size": int,
        "fence": int,
        "peaks": bytes,
        "sequences": str,
        "last_decided_us": int,
        "signals": int,
        "note": bytes,
    }
    _create(db, "heads", heads)
    cosignatures = {"size": int, "key": str, "time_s": int, "line": str}
    _create(db, "cosignatures", cosignatures, keys=2)
    db.table("cosignatures").create_index(["size", "time_s"])
    _create(db, "leases", {"token": int, "holder": str, "taken_us": int})
    _protect(db)

    # The read model: what follows can be made anew from the record at any time.
    columns = {
        "idx": int,
        "symbol": str,
        "direction": str,
        "magnitude_bp": int,
        "decided_us": int,
        "revealed": int,
    }
    signals = _create(db, "signals", columns, empty="revealed")
    # Newest first within a symbol: an index on one column is in order of index within it.
    signals.create_index(["symbol"])
    signals.create_index(["symbol", "decided_us"])
    signals.create_index(["symbol", "direction", "decided_us"])
    signals.create_index(["decided_us"])
    # Only what is sealed has no number there, so this index is as small as that is little.
    db.execute("CREATE INDEX signals_sealed ON signals (revealed) WHERE revealed IS NULL")
    _create(db, "standing", {"symbol": str, "idx": int})
    _create(db, "outcomes", {"signal_idx": int, "idx": int})

    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _protect(db: Database) -> None:
    """Triggers by which the record's rows are added, each after the one before, and stay."""
    # INSERT OR REPLACE deletes without firing the trigger for it, unless a connection asks for
    # recursive triggers; demanding what follows closes that hole on every connection.
    following = {
        "entries": "NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM entries)",
        "leaves": "NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM leaves)",
        "nodes": (
            "NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM nodes WHERE level IS NEW.level)"
        ),
        "heads": "NEW.size <= (SELECT coalesce(max(size), 0) FROM heads)",
        "leases": "NEW.token IS NOT (SELECT coalesce(max(token), 0) + 1 FROM leases)",
    }
    for table, refused in following.items():
        db.execute(_trigger(table, "in_order", "INSERT", refused))
    # The same may come twice and is kept once, as it first came.
    known = {
        "capsules": "sha256 = NEW.sha256",
        "sealed": "commitment = NEW.commitment",
        "cosignatures": "size = NEW.size AND key = NEW.key",
    }
    for table, same in known.items():
        seen = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - ours
        db.execute(_trigger(table, "once", "INSERT", seen, "IGNORE"))
    # Where the key is not the row's number, a row could be replaced by its number all the same.
    for table in ("nodes", *known):
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid)"  # noqa: S608 - ours
        db.execute(_trigger(table, "no_replace", "INSERT", taken))
    for table in (*following, *known):
        db.execute(_trigger(table, "no_update", "UPDATE"))
        db.execute(_trigger(table, "no_delete", "DELETE"))


def _create(
    db: Database, name: str, columns: dict[str, type], *, keys: int = 1, empty: str = ""
) -> Table:
    """A table whose first columns are its key, and whose columns but `empty` are all filled."""
    key = list(columns)[:keys]
    filled = [column for column in columns if column != empty]
    return db.table(name).create(columns, pk=key[0] if keys == 1 else key, not_null=filled)


def _trigger(table: str, name: str, event: str, when: str = "TRUE", then: str = "") -> str:
    answer = f"RAISE({then})" if then else f"RAISE(ABORT, '{table} is append-only')"
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
        f"WHEN {when} BEGIN SELECT {answer}; END"
    )


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


def make_tables(db: Database, path: Path) -> None:
    """Make what is not there, in a log or an empty file.

    Raises:
        LogUnusable: it belongs to another program, or to a newer version of this one.
    """
    identify(db, path)
    db.enable_wal()
    migrations.apply(db)


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
