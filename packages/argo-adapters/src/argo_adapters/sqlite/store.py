"""The signal log's SQLite file, in plain blocking calls. `SqliteLog` gives each its own thread."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, mutable
from sqlite_utils import Database

from argo_adapters.sqlite.schema import connect, identify, is_as_made, migrations, translated
from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.intake import Inspected, Standing, follow, inspect
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.record import Batch, LoggedEntry, SignalQuery
from argo_core.market.moment import to_micros

MAX_RANGE = 1_000
TAIL = 1_000
_CHUNK = 10_000


@mutable
class Writer:
    """The only connection that writes, and where the log stands."""

    path: Path
    db: Database
    standing: Standing | None = field(default=None)

    @classmethod
    def open(cls, path: Path, busy_s: float) -> "Writer":
        """Open or make the file, and check that what it says of itself is true.

        Raises:
            LogUnusable: it is foreign, newer, corrupt, or its parts contradict each other; it is
                as it was before.
            LogUnavailable: it cannot be opened now.
        """
        with translated(path):
            if path.exists():
                # Looked at read-only first: what is not ours must not change by being looked at.
                probe = connect(path, read_only=True, busy_s=busy_s)
                try:
                    identify(probe, path)
                finally:
                    probe.close()
            db = connect(path, read_only=False, busy_s=busy_s)
            try:
                db.enable_wal()
                db.execute("PRAGMA synchronous = FULL")
                migrations.apply(db)
                check_schema(db, path)
                writer = cls(path, db, load_standing(db, path))
                check_tail(db, path, TAIL)
                if not _is_indexed(db):
                    rebuild_read_model(db, path)
            except BaseException:
                db.close()
                raise
            return writer

    def current(self) -> Standing:
        """Where the log stands; read again if the last write may or may not have arrived."""
        if self.standing is None:
            with translated(self.path):
                self.standing = load_standing(self.db, self.path)
        return self.standing

    def append(self, batch: Batch) -> Standing:
        """Write the batch in one transaction and return where the log stands then."""
        inspected = inspect(batch)
        standing = self.current()
        with translated(self.path):
            if _is_stored(self.db, batch):
                return standing
            known = {sha for sha in inspected.wanted if read_capsule(self.db, sha) is not None}
            following = follow(standing, inspected, known)
            if not batch.entries:
                return following
            # A commit that fails may still have reached the disk, so the state is only known again
            # once it has been read again.
            self.standing = None
            with self.db.atomic():
                _write(self.db, inspected, following)
        self.standing = following
        return following

    def close(self) -> None:
        self.db.close()


def load_standing(db: Database, path: Path) -> Standing:
    """Where the log stands, recomputed from its leaf hashes and compared with its own record.

    Raises:
        LogUnusable: they differ.
    """
    row = next(iter(db.query("SELECT log, size, peaks, last_decided_us FROM state")), None)
    frontier = Frontier()
    for rows in chunks(db.execute("SELECT hash FROM leaves ORDER BY idx")):
        hashes = [digest for (digest,) in rows]
        if set(map(type, hashes)) != {bytes} or set(map(len, hashes)) != {HASH_BYTES}:
            raise LogUnusable(f"{path}: a leaf is not a SHA-256; restore it from a copy")
        frontier = frontier.extend(hashes)
    entries = db.execute("SELECT coalesce(max(idx), -1) + 1 FROM entries").fetchone()[0]
    recorded = (row["size"], row["peaks"]) if row else (0, b"")
    if recorded != (frontier.size, b"".join(frontier.peaks)) or entries != frontier.size:
        problem = f"{entries} entries, {frontier.size} leaves and the recorded tree disagree"
        raise LogUnusable(f"{path}: {problem}; run a verification and restore it from a copy")
    sequences = db.query("SELECT strategy, next_seq FROM sequences")
    return Standing(
        frontier=frontier,
        log=row["log"] if row else None,
        next_seq={one["strategy"]: one["next_seq"] for one in sequences},
        last_decided_us=row["last_decided_us"] if row else None,
    )


def check_schema(db: Database, path: Path) -> None:
    """Refuse a file whose triggers no longer forbid what they should.

    Raises:
        LogUnusable: a table, an index or a trigger is not as this program makes it.
    """
    if not is_as_made(db):
        problem = "its tables or triggers were changed"
        raise LogUnusable(f"{path}: {problem}; restore it from a copy")


def check_tail(db: Database, path: Path, count: int) -> None:
    """Hash the newest entries again: a torn or flipped page shows up where it was last written.

    Raises:
        LogUnusable: an entry does not have the hash it was logged under.
    """
    tail = db.execute(
        "SELECT idx, data, hash FROM entries JOIN leaves USING (idx) ORDER BY idx DESC LIMIT ?",
        [count],
    )
    for index, data, recorded in tail:
        if type(data) is not bytes or leaf_hash(data) != recorded:
            problem = f"entry {index} is not what was logged"
            raise LogUnusable(f"{path}: {problem}; restore it from a copy")


def rebuild_read_model(db: Database, path: Path) -> None:
    """Make `signals` and `standing` anew from the entries, in one transaction.

    Raises:
        LogUnusable: an entry cannot be read.
    """
    with db.atomic():
        db.execute("DELETE FROM signals")
        db.execute("DELETE FROM standing")
        total = 0
        for rows in chunks(db.execute("SELECT idx, data FROM entries ORDER BY idx")):
            try:
                signals = [signal_row(index, decode_entry(data)) for index, data in rows]
            except InvalidInput as error:
                raise LogUnusable(f"{path}: {error}; restore it from a copy") from error
            total += _index(db, [row for row in signals if row is not None])
        db.execute("UPDATE state SET signals = ?", [total])


def signal_row(index: int, entry: Entry) -> tuple[Any, ...] | None:
    """An entry's row in the table of signals; None if it is none."""
    if entry.kind != "signal":
        return None
    magnitude = abs(entry.number("confidence_bp"))
    return index, entry.text("symbol"), entry.text("direction"), magnitude, entry.decided_us


def chunks(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, so many at a time that memory stays small."""
    while rows := cursor.fetchmany(_CHUNK):
        yield rows


def read_entries(db: Database, start: int, stop: int) -> tuple[LoggedEntry, ...]:
    """The entries with start <= index < stop, at most `MAX_RANGE` of them."""
    first = max(0, start)
    rows = db.execute(
        "SELECT idx, data FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx",
        [first, min(stop, first + MAX_RANGE)],
    )
    return tuple(LoggedEntry(index, data) for index, data in rows)


def read_capsule(db: Database, sha256: str) -> bytes | None:
    row = db.execute("SELECT data FROM capsules WHERE sha256 = ?", [sha256]).fetchone()
    return row[0] if row else None


def find_signals(db: Database, query: SignalQuery) -> tuple[LoggedEntry, ...]:
    """Matching signal entries, largest index first."""
    # Without bounds in time the newest are wanted, and walking back along the index on the symbol
    # alone meets them first; the plus sign keeps SQLite from sorting a larger index instead.
    bounded = query.since is not None or query.until is not None
    wanted: dict[str, Any] = {
        "symbol = ?": query.symbol,
        "direction = ?" if bounded else "+direction = ?": query.direction,
        "magnitude_bp >= ?": query.min_confidence_bp or None,
        "decided_us >= ?": to_micros(query.since) if query.since else None,
        "decided_us < ?": to_micros(query.until) if query.until else None,
        "idx < ?": query.before,
    }
    asked = {condition: value for condition, value in wanted.items() if value is not None}
    # The conditions are the constants above; what was asked for travels as parameters.
    conditions = " AND ".join(asked) or "TRUE"
    rows = db.execute(
        f"SELECT idx, data FROM signals JOIN entries USING (idx) WHERE {conditions} "  # noqa: S608 - see above
        "ORDER BY idx DESC LIMIT ?",
        [*asked.values(), query.limit],
    )
    return tuple(LoggedEntry(index, data) for index, data in rows)


def latest_signals(db: Database) -> tuple[LoggedEntry, ...]:
    """The newest signal entry of every symbol."""
    rows = db.execute("SELECT idx, data FROM standing JOIN entries USING (idx) ORDER BY symbol")
    return tuple(LoggedEntry(index, data) for index, data in rows)


def _write(db: Database, inspected: Inspected, following: Standing) -> None:
    first, entries = inspected.batch.first_index, inspected.batch.entries
    write = db.conn.executemany
    write("INSERT INTO entries VALUES (?, ?)", enumerate(entries, first))
    write("INSERT INTO leaves VALUES (?, ?)", enumerate(inspected.leaves, first))
    write("INSERT INTO capsules VALUES (?, ?)", inspected.batch.capsules.items())
    rows = [signal_row(index, entry) for index, entry in enumerate(inspected.entries, first)]
    added = _index(db, [row for row in rows if row is not None])
    touched = {entry.strategy for entry in inspected.entries}
    write(
        "INSERT INTO sequences VALUES (?, ?) "
        "ON CONFLICT (strategy) DO UPDATE SET next_seq = excluded.next_seq",
        [(name, following.next_seq[name]) for name in sorted(touched)],
    )
    peaks = b"".join(following.frontier.peaks)
    db.execute(
        "INSERT INTO state VALUES (0, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "log = excluded.log, size = excluded.size, peaks = excluded.peaks, "
        "last_decided_us = excluded.last_decided_us, signals = signals + excluded.signals",
        [following.log, following.frontier.size, peaks, following.last_decided_us, added],
    )


def _index(db: Database, rows: list[tuple[Any, ...]]) -> int:
    """Add rows to the read model, oldest first; how many there were."""
    db.conn.executemany("INSERT INTO signals VALUES (?, ?, ?, ?, ?)", rows)
    newest = {symbol: index for index, symbol, *_ in rows}
    db.conn.executemany(
        "INSERT INTO standing VALUES (?, ?) ON CONFLICT (symbol) DO UPDATE SET idx = excluded.idx",
        newest.items(),
    )
    return len(rows)


def _is_stored(db: Database, batch: Batch) -> bool:
    """Whether just these entries are in the log already, at just this place."""
    if not batch.entries:
        return False
    stored = db.execute(
        "SELECT data FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx",
        [batch.first_index, batch.first_index + len(batch.entries)],
    )
    return tuple(data for (data,) in stored) == batch.entries


def _is_indexed(db: Database) -> bool:
    """Whether the read model has as many signals as were written; `verify` compares each."""
    (present,) = db.execute("SELECT count(*) FROM signals").fetchone()
    written = db.execute("SELECT signals FROM state").fetchone()
    return bool(present == (written[0] if written else 0))
