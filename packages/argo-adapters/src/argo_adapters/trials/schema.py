"""The file of a ledger of trials: how it comes to be, and how it is told to be one."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from argo_adapters.sqlite.connection import UNTIDY, connect, snapshot, transaction
from argo_core.errors import TrialError

APPLICATION_ID = 0x41726774  # "Argt"
SCHEMA_VERSION = 2
RESTORE = "restore it from a copy, or choose another file"

_SCHEMA = (
    """CREATE TABLE trials (
  number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, strategy TEXT NOT NULL,
  parameters TEXT NOT NULL, ground INTEGER NOT NULL, data TEXT NOT NULL, request TEXT NOT NULL,
  result TEXT NOT NULL, n INTEGER NOT NULL, sharpe REAL, skew REAL, kurtosis REAL,
  UNIQUE (request, result)
) STRICT""",
    # Dates are counted in days since 1970-01-01, symbols stand in order between commas.
    """CREATE TABLE grounds (
  number INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
  symbols TEXT NOT NULL, UNIQUE (first, last, symbols)
) STRICT""",
    "CREATE INDEX trials_on_data ON trials (data)",
    "CREATE INDEX trials_on_ground ON trials (ground, request)",
    # INSERT OR REPLACE deletes without asking the trigger for it; this one closes that hole.
    """CREATE TRIGGER trials_in_order BEFORE INSERT ON trials
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM trials)
  OR EXISTS (SELECT 1 FROM trials WHERE request = NEW.request AND result = NEW.result)
BEGIN SELECT RAISE(ABORT, 'trials are numbered without a gap, each once'); END""",
    """CREATE TRIGGER trials_unchanged BEFORE UPDATE ON trials
BEGIN SELECT RAISE(ABORT, 'trials do not change'); END""",
    """CREATE TRIGGER trials_kept BEFORE DELETE ON trials
BEGIN SELECT RAISE(ABORT, 'trials are kept'); END""",
    """CREATE TRIGGER grounds_in_order BEFORE INSERT ON grounds
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM grounds)
  OR EXISTS (SELECT 1 FROM grounds
    WHERE first = NEW.first AND last = NEW.last AND symbols = NEW.symbols)
BEGIN SELECT RAISE(ABORT, 'grounds are numbered without a gap, each once'); END""",
    """CREATE TRIGGER grounds_unchanged BEFORE UPDATE ON grounds
BEGIN SELECT RAISE(ABORT, 'grounds do not change'); END""",
    """CREATE TRIGGER grounds_kept BEFORE DELETE ON grounds
BEGIN SELECT RAISE(ABORT, 'grounds are kept'); END""",
)
_DEFINED = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"


def open_ledger(path: Path, busy_s: float) -> Database:
    """A connection to the ledger in that file, made if it is not there.

    Raises:
        TrialError: it is another program's, newer, changed or corrupt, and as it was before.
        sqlite3.Error: it cannot be opened now.
    """
    if path.exists():
        _look(path, busy_s)
    db = connect(path, read_only=False, busy_s=busy_s)
    try:
        _begin(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _look(path: Path, busy_s: float) -> None:
    """Refuse a file that is not ours, read-only: it must not change by being looked at."""
    probe = connect(path, read_only=True, busy_s=busy_s)
    try:
        with snapshot(probe):
            _is_ours(probe, path)
    except sqlite3.OperationalError as error:
        # What a writer left that died at its first writes, only who may write can read.
        if error.sqlite_errorcode not in UNTIDY:
            raise
    finally:
        probe.close()


def _begin(db: Database, path: Path) -> None:
    with snapshot(db):
        ours = _is_ours(db, path)
    if not ours:
        db.enable_wal()
        with transaction(db):
            # Another process may have been faster.
            if not _is_ours(db, path):
                _make(db)
    db.execute("PRAGMA synchronous = FULL")
    if {sql for (sql,) in db.execute(_DEFINED)} != set(_SCHEMA):
        raise TrialError(f"{path}: its table or triggers were changed; {RESTORE}")


def _is_ours(db: Database, path: Path) -> bool:
    """Whether the file is a ledger already; False if it is empty and may become one."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application == 0 and version == 0 and not db.table_names():
        return False
    if application != APPLICATION_ID:
        problem = "this database belongs to another program"
        raise TrialError(f"{path}: {problem}; choose another file for the ledger of trials")
    if version != SCHEMA_VERSION:
        problem = f"it has schema {version}, this program knows {SCHEMA_VERSION}"
        raise TrialError(f"{path}: {problem}; update Argo, or choose another file")
    return True


def _make(db: Database) -> None:
    for statement in _SCHEMA:
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
