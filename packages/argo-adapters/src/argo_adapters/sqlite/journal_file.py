"""The file of a trading journal: how it comes to be, how it is told to be one, rows in and out.

One file is one broker account's. Rows are added, each with the next number, and nothing else: the
triggers see to it on every connection.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from attrs import define
from sqlite_utils import Database

from argo_adapters.sqlite.connection import UNTIDY, connect, transaction, translated
from argo_core.codec.trading import kind_of, read_fact, write_fact
from argo_core.errors import InvalidInput, InvalidSetting, JournalError, LogError
from argo_core.market.moment import to_micros
from argo_core.trading.fact import Fact, Numbered, order_of

APPLICATION_ID = 0x4172676A  # "Argj"
SCHEMA_VERSION = 1

Row: TypeAlias = tuple[int, str, str | None, str]
"""When it was, its kind, its order and its line."""

_SCHEMA = (
    "CREATE TABLE owner (account TEXT NOT NULL) STRICT",
    """CREATE TABLE facts (
  number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, kind TEXT NOT NULL, order_id TEXT,
  body TEXT NOT NULL
) STRICT""",
    "CREATE INDEX facts_of_order ON facts (order_id) WHERE order_id IS NOT NULL",
    # INSERT OR REPLACE deletes without asking the trigger for it; this one closes that hole.
    """CREATE TRIGGER facts_in_order BEFORE INSERT ON facts
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM facts)
BEGIN SELECT RAISE(ABORT, 'facts are numbered without a gap'); END""",
    """CREATE TRIGGER facts_unchanged BEFORE UPDATE ON facts
BEGIN SELECT RAISE(ABORT, 'facts do not change'); END""",
    """CREATE TRIGGER facts_kept BEFORE DELETE ON facts
BEGIN SELECT RAISE(ABORT, 'facts are kept'); END""",
)
_DEFINED = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
_SELECT = "SELECT number, at_us, kind, order_id, body FROM facts"


@define
class JournalFile:
    """An open file of which `last` is the newest number."""

    path: Path
    db: Database
    last: int = 0

    @classmethod
    def open(cls, path: Path, account: str, busy_s: float) -> "JournalFile":
        """Open or make the journal of that account.

        Raises:
            JournalError: it is foreign, newer, changed or corrupt, and as it was before; or it
                cannot be opened now.
            InvalidSetting: it is another account's.
        """
        with said(path):
            if path.exists():
                _look(path, busy_s)
            file = cls(path, connect(path, read_only=False, busy_s=busy_s))
            try:
                file._begin(account)
            except BaseException:
                file.close()
                raise
            return file

    def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        """Write all of them in one transaction, or none.

        Raises:
            JournalError: they were not written; or they, or somebody else's, were before.
            InvalidInput: one of them cannot be written down.
        """
        rows = [_row(one) for one in facts]
        if not rows:
            return ()
        first = self.last + 1
        with said(self.path), transaction(self.db):
            # A commit that failed may have reached the disk all the same.
            if self._newest() != self.last:
                problem = f"it goes on after fact {self.last}, and this program knows nothing of it"
                raise JournalError(f"{self.path}: {problem}; start again, which reads it")
            self.db.conn.executemany(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?)",
                ((number, *row) for number, row in enumerate(rows, first)),
            )
        self.last += len(rows)
        return tuple(Numbered(number, fact) for number, fact in enumerate(facts, first))

    def facts(self, after: int, limit: int) -> tuple[Numbered, ...]:
        """At most so many facts with a greater number, in order; see `append` for errors."""
        asked = [after, max(0, limit)]
        found = self._read(f"{_SELECT} WHERE number > ? ORDER BY number LIMIT ?", asked)
        for number, one in enumerate(found, max(0, after) + 1):
            if one.number != number:
                raise JournalError(f"{self.path}: fact {number} is missing; {_RESTORE}")
        return found

    def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        """Every fact about the order, in order; see `append` for errors."""
        return self._read(f"{_SELECT} WHERE order_id = ? ORDER BY number", [order_id])

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    def _read(self, sql: str, asked: list[Any]) -> tuple[Numbered, ...]:
        with said(self.path):
            rows = self.db.execute(sql, asked).fetchall()
            return tuple(_numbered(self.path, *row) for row in rows)

    def _newest(self) -> int:
        newest: int = self.db.execute("SELECT coalesce(max(number), 0) FROM facts").fetchone()[0]
        return newest

    def _begin(self, account: str) -> None:
        _identify(self.db, self.path)
        self.db.enable_wal()
        self.db.execute("PRAGMA synchronous = FULL")
        with transaction(self.db):
            if not _identify(self.db, self.path):
                _make(self.db.conn, account)
            _check(self.db.conn, self.path)
            self._check_owner(account)
            self.last = self._newest()

    def _check_owner(self, account: str) -> None:
        owners = [one for (one,) in self.db.execute("SELECT account FROM owner")]
        if owners != [account]:
            problem = f"{self.path} is of account {', '.join(owners) or 'nobody'}, not of {account}"
            fix = "name another file, which begins a new journal, or trade in that account"
            raise InvalidSetting("trading.journal", problem, fix)


_RESTORE = "restore it from a copy, or choose another file"


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into the journal's, naming the file and what helps."""
    try:
        with translated(path):
            yield
    except LogError as error:
        raise JournalError(str(error)) from error


def _row(fact: Fact) -> Row:
    return to_micros(fact.at), kind_of(fact), order_of(fact), write_fact(fact)


def _numbered(path: Path, number: int, *row: Any) -> Numbered:
    try:
        fact = read_fact(row[-1])
    except InvalidInput as error:
        raise JournalError(f"{path}: fact {number}: {error}") from error
    if row[:-1] != (to_micros(fact.at), kind_of(fact), order_of(fact)):
        problem = f"fact {number} is filed as something else"
        raise JournalError(f"{path}: {problem}; {_RESTORE}")
    return Numbered(number, fact)


def _look(path: Path, busy_s: float) -> None:
    """Refuse a file that is not ours, read-only: it must not change by being looked at."""
    probe = connect(path, read_only=True, busy_s=busy_s)
    try:
        _identify(probe, path)
    except sqlite3.OperationalError as error:
        # What a writer left that died at its first writes, only who may write can read.
        if error.sqlite_errorcode not in UNTIDY:
            raise
    finally:
        probe.close()


def _identify(db: Database, path: Path) -> bool:
    """Whether the file is a trading journal already; False if it is empty and may become one."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application == 0 and version == 0 and not db.table_names():
        return False
    if application != APPLICATION_ID:
        problem = "this database belongs to another program"
        raise JournalError(f"{path}: {problem}; choose another file for the trading journal")
    if version != SCHEMA_VERSION:
        problem = f"it has schema {version}, this program knows {SCHEMA_VERSION}"
        raise JournalError(f"{path}: {problem}; update Argo, or choose another file")
    return True


def _make(connection: sqlite3.Connection, account: str) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO owner VALUES (?)", [account])
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file whose tables, index or triggers are not those that this program makes."""
    if _texts(connection.execute(_DEFINED)) != set(_SCHEMA):
        raise JournalError(f"{path}: its tables or triggers were changed; {_RESTORE}")


def _texts(rows: Iterable[tuple[str]]) -> set[str]:
    return {text for (text,) in rows}
