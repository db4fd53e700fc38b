"""Connections to a SQLite file, its transactions, and its errors in the log's words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

from argo_core.errors import InvalidInput, LogConflict, LogError, LogUnavailable, LogUnusable

CHUNK = 10_000
"""So many rows are read at a time that memory stays small."""

_AWAY = {
    sqlite3.SQLITE_BUSY: "let its other user finish",
    sqlite3.SQLITE_LOCKED: "let its other user finish",
    sqlite3.SQLITE_PROTOCOL: "let its other user finish",
    sqlite3.SQLITE_NOMEM: "free some memory",
    sqlite3.SQLITE_IOERR: "check the disk",
    sqlite3.SQLITE_FULL: "free some disk space",
}
# Whoever wrote last died at it, and what is left over can only be tidied up by who may write.
UNTIDY = {
    sqlite3.SQLITE_READONLY_ROLLBACK,
    sqlite3.SQLITE_READONLY_RECOVERY,
    sqlite3.SQLITE_READONLY_CANTINIT,
}
_SHUT = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}


def connect(path: Path, *, read_only: bool, busy_s: float) -> Database:
    """A connection for use in any one thread at a time.

    Raises:
        LogUnusable: the path is a folder, a device or the like.
    """
    if path.exists() and not path.is_file():
        raise LogUnusable(f"{path}: it is not a file; choose another path")
    if not read_only and not path.exists():
        # What is sealed in it is nobody's but its owner's; the files beside it follow its mode.
        _make_private(path)
    mode = "ro" if read_only else "rwc"
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=busy_s, check_same_thread=False)
    # Plugins that happen to be installed have no business in a ledger.
    return Database(connection, execute_plugins=False)


def _make_private(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise LogUnusable(
            f"{path}: {error.strerror}; check path and permissions, or choose another file"
        ) from error


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """All of the block or nothing, with the right to write from its beginning.

    Whoever reads first and asks for that right later may find that the ground has moved.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself; then this does nothing.
        db.conn.rollback()
        raise


@contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """All that the block reads is of one moment, whatever is written meanwhile."""
    db.conn.execute("BEGIN")
    try:
        yield
    finally:
        db.conn.rollback()


def chunks(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, so many at a time that memory stays small."""
    while rows := cursor.fetchmany(CHUNK):
        yield rows


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


@contextmanager
def as_stored(path: Path) -> Iterator[None]:
    """What is refused within was stored as good, so that the file is damaged."""
    try:
        yield
    except InvalidInput as error:
        raise LogUnusable(
            f"{path}: {error.field}: {error.problem}; restore it from a copy"
        ) from error


def _translate(path: Path, error: sqlite3.Error) -> LogError:
    whole = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if whole in UNTIDY:
        fix = "start Argo on it once, which tidies up, then try again"
        return LogUnavailable(f"{path}: its last writer died while writing; {fix}")
    # The low byte is the primary code; the rest says where inside SQLite it happened.
    code = whole & 0xFF
    if code in _AWAY:
        return LogUnavailable(f"{path}: {error}; {_AWAY[code]}, then try again")
    fix = "check path and permissions" if code in _SHUT else "restore it from a copy"
    return LogUnusable(f"{path}: {error}; {fix}, or choose another file")
