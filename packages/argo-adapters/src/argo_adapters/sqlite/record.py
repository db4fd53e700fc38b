"""Reading the record: entries, tile hashes, capsules, sealed bodies, checkpoints."""

from pathlib import Path

from sqlite_utils import Database

from argo_adapters.sqlite.connection import as_stored
from argo_core.ledger.note import Note, parse_note, parse_signature_line
from argo_core.ledger.record import LoggedEntry, Sealed

MAX_RANGE = 1_000


def read_entries(db: Database, start: int, stop: int) -> tuple[LoggedEntry, ...]:
    """The entries with start <= index < stop, at most `MAX_RANGE` of them."""
    first = max(0, start)
    rows = db.execute(
        "SELECT idx, data FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx",
        [first, min(stop, first + MAX_RANGE)],
    )
    return tuple(LoggedEntry(index, data) for index, data in rows)


def read_hashes(db: Database, level: int, start: int, stop: int) -> bytes:
    """The hashes of a tile level with start <= place < stop, at most `MAX_RANGE` of them."""
    first = max(0, start)
    last = min(stop, first + MAX_RANGE)
    if level == 0:
        ask = "SELECT hash FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx"
        rows = db.execute(ask, [first, last])
    else:
        ask = "SELECT hash FROM nodes WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"
        rows = db.execute(ask, [level, first, last])
    return b"".join(digest for (digest,) in rows)


def read_capsule(db: Database, sha256: str) -> bytes | None:
    """The capsule of that hash, or None."""
    row = db.execute("SELECT data FROM capsules WHERE sha256 = ?", [sha256]).fetchone()
    return row[0] if row else None


def read_sealed(db: Database, commitment: str) -> Sealed | None:
    """What a commit entry commits to, or None."""
    ask = "SELECT body, nonce FROM sealed WHERE commitment = ?"
    row = db.execute(ask, [commitment]).fetchone()
    return Sealed(*row) if row else None


def read_checkpoint(db: Database, path: Path, *, cosigned: bool) -> Note | None:
    """The newest checkpoint, or the newest that somebody cosigned, with all its signatures."""
    newest = "cosignatures" if cosigned else "heads"
    row = db.execute(
        f"SELECT size, note FROM heads WHERE size = (SELECT max(size) FROM {newest})"  # noqa: S608 - ours
    ).fetchone()
    if row is None:
        return None
    size, note = row
    ask = "SELECT line FROM cosignatures WHERE size = ? ORDER BY rowid"
    lines = [line for (line,) in db.execute(ask, [size])]
    with as_stored(path):
        return parse_note(note).with_lines(*map(parse_signature_line, lines))


def read_fence(db: Database) -> int:
    """The number of the newest lease, 0 before the first; whoever has it may write."""
    return int(db.execute("SELECT coalesce(max(token), 0) FROM leases").fetchone()[0])


def read_witnessed_at(db: Database, index: int) -> int | None:
    """The least time of a cosignature that covers the entry, or None."""
    ask = "SELECT min(time_s) FROM cosignatures WHERE size > ?"
    (time_s,) = db.execute(ask, [index]).fetchone()
    return None if time_s is None else int(time_s)
