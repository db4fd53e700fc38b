"""The signals of a log in tables of their own, to be searched; made of the record at any time."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlite_utils import Database

from argo_adapters.sqlite.connection import as_stored, chunks
from argo_adapters.sqlite.record import read_sealed
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.read_rows import read_rows


def index_entries(
    db: Database, first: int, entries: Iterable[Entry], bodies: Mapping[str, Entry]
) -> int:
    """Add what the entries from index `first` on say; how many signals there were among them."""
    rows = read_rows(first, entries, bodies)
    write = db.conn.executemany
    write(
        "INSERT INTO signals VALUES (?, ?, ?, ?, ?, ?)",
        (
            (row.index, row.symbol, row.direction, row.magnitude_bp, row.decided_us, row.revealed)
            for row in rows.signals
        ),
    )
    write(
        "INSERT INTO standing VALUES (?, ?) ON CONFLICT (symbol) DO UPDATE SET idx = excluded.idx",
        rows.newest().items(),
    )
    # What was said first counts: a signal is shown once, and has one outcome.
    write(
        "UPDATE signals SET revealed = ? WHERE idx = ? AND revealed IS NULL",
        ((index, commit) for commit, index in rows.reveals.items()),
    )
    write(
        "INSERT INTO outcomes VALUES (?, ?) ON CONFLICT (signal_idx) DO NOTHING",
        rows.outcomes.items(),
    )
    return len(rows.signals)


def is_indexed(db: Database) -> bool:
    """Whether the read model has as many signals as were written; `verify` compares each."""
    (present,) = db.execute("SELECT count(*) FROM signals").fetchone()
    written = db.execute("SELECT signals FROM heads ORDER BY size DESC LIMIT 1").fetchone()
    return bool(present == (written[0] if written else 0))


def make_read_model(db: Database, path: Path) -> int:
    """Make all of it anew, within the caller's transaction; how many signals there are.

    Raises:
        LogUnusable: an entry or a sealed body cannot be read.
    """
    for table in ("signals", "standing", "outcomes"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
    total = 0
    for rows in chunks(db.execute("SELECT idx, data FROM entries ORDER BY idx")):
        with as_stored(path):
            entries = [_entry("data", data) for _, data in rows]
            commits = [one.text("commitment") for one in entries if one.kind == "commit"]
            bodies = {each: read_body(db, each) for each in commits}
        total += index_entries(db, rows[0][0], entries, bodies)
    return total


def read_body(db: Database, commitment: str) -> Entry:
    """What a commit entry commits to.

    Raises:
        InvalidInput: it is missing, or is no entry.
    """
    sealed = read_sealed(db, commitment)
    return _entry("body", None if sealed is None else sealed.body)


def _entry(name: str, data: object) -> Entry:
    # A flipped bit can also change the type that SQLite reads.
    if not isinstance(data, bytes):
        raise InvalidInput(name, "it is missing, or not bytes", "store the bytes that were hashed")
    return decode_entry(data)
