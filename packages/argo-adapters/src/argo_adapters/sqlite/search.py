"""Finding signals by what they say, in the read model."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from argo_adapters.sqlite.connection import as_stored
from argo_adapters.sqlite.record import read_sealed
from argo_core.errors import LogUnusable
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.record import LoggedEntry, LoggedSignal, SignalQuery
from argo_core.market.moment import to_micros

_COLUMNS = "SELECT idx, data, revealed FROM signals JOIN entries USING (idx)"
# Each symbol's signals are walked back from the newest to the first that may be shown.
_LATEST = """
SELECT idx, data, revealed FROM signals JOIN entries USING (idx) WHERE idx IN (
    SELECT (
        SELECT s.idx FROM signals s
        WHERE s.symbol = standing.symbol AND s.idx < :bound AND (:sealed OR +s.revealed < :bound)
        ORDER BY s.idx DESC LIMIT 1
    ) FROM standing
) ORDER BY symbol
"""
_UNRESOLVED = """
SELECT idx, data, revealed FROM signals JOIN entries USING (idx)
WHERE direction != 'HOLD'
AND NOT EXISTS (SELECT 1 FROM outcomes WHERE signal_idx = signals.idx)
ORDER BY idx
"""


def find_signals(db: Database, path: Path, query: SignalQuery) -> tuple[LoggedSignal, ...]:
    """Matching signals, largest index first."""
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
        "signals.idx < ?": query.published,
        "+revealed < ?": None if query.sealed else _bound(query.published),
    }
    asked = {condition: value for condition, value in wanted.items() if value is not None}
    # The conditions are the constants above; what was asked for travels as parameters.
    conditions = " AND ".join(asked) or "TRUE"
    rows = db.execute(
        f"{_COLUMNS} WHERE {conditions} ORDER BY idx DESC LIMIT ?",
        [*asked.values(), query.limit],
    ).fetchall()
    return _signals(db, path, rows, query.published)


def latest_signals(
    db: Database, path: Path, *, sealed: bool, published: int | None
) -> tuple[LoggedSignal, ...]:
    """The newest signal of every symbol, of those that may be shown."""
    rows = db.execute(_LATEST, {"bound": _bound(published), "sealed": sealed}).fetchall()
    return _signals(db, path, rows, published)


def unresolved_signals(db: Database, path: Path) -> tuple[LoggedSignal, ...]:
    """BUY and SELL signals without an outcome, smallest index first."""
    rows = db.execute(_UNRESOLVED).fetchall()
    return _signals(db, path, rows, None)


def unrevealed_signals(db: Database, path: Path) -> tuple[LoggedSignal, ...]:
    """Sealed signals, smallest index first."""
    rows = db.execute(f"{_COLUMNS} WHERE revealed IS NULL ORDER BY idx").fetchall()
    return _signals(db, path, rows, None)


def find_outcome(db: Database, index: int) -> LoggedEntry | None:
    """The outcome entry of the signal at that index, or None."""
    row = db.execute(
        "SELECT outcomes.idx, data FROM outcomes JOIN entries ON entries.idx = outcomes.idx "
        "WHERE signal_idx = ?",
        [index],
    ).fetchone()
    return LoggedEntry(*row) if row else None


def _bound(published: int | None) -> int:
    # No index comes near the largest number that SQLite has.
    return 2**63 - 1 if published is None else published


def _signals(
    db: Database, path: Path, rows: Iterable[tuple[Any, ...]], published: int | None
) -> tuple[LoggedSignal, ...]:
    """The signals of these rows, with what commits commit to."""
    bound, signals = _bound(published), list[LoggedSignal]()
    for index, entry, revealed in rows:
        shown = None if revealed is None or revealed >= bound else revealed
        body = entry if revealed == index else _body(db, path, entry)
        signals.append(LoggedSignal(index, body, entry, shown))
    return tuple(signals)


def _body(db: Database, path: Path, commit: bytes) -> bytes:
    with as_stored(path):
        digest = decode_entry(commit).text("commitment")
    sealed = read_sealed(db, digest)
    if sealed is None:
        raise LogUnusable(f"{path}: the body of {digest} is missing; restore it from a copy")
    return sealed.body
