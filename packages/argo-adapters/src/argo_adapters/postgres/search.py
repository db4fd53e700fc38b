"""Reading a log back: ranges, checkpoints, and signals by what they say."""

import re
from collections.abc import Iterable
from typing import Any

from argo_adapters.postgres.link import Connection
from argo_core.errors import LogUnusable
from argo_core.ledger.note import Note, parse_note, parse_signature_line
from argo_core.ledger.record import LoggedEntry, LoggedSignal, Sealed, SignalQuery
from argo_core.market.moment import to_micros

MAX_RANGE = 1_000
# No index comes near the largest number that PostgreSQL has.
_NEVER = 2**63 - 1
_DIGEST = re.compile(r"[0-9a-f]{64}")

_ENTRIES = "SELECT idx, data FROM record.entries WHERE idx >= $1 AND idx < $2 ORDER BY idx"
_LEAVES = """
SELECT coalesce(string_agg(hash, ''::bytea ORDER BY idx), ''::bytea)
FROM record.leaves WHERE idx >= $1 AND idx < $2
"""
_NODES = """
SELECT coalesce(string_agg(hash, ''::bytea ORDER BY idx), ''::bytea)
FROM record.nodes WHERE level = $3 AND idx >= $1 AND idx < $2
"""
_NOTE = "SELECT size, note FROM record.heads ORDER BY size DESC LIMIT 1"
_COSIGNED = """
SELECT size, note FROM record.heads
WHERE size = (SELECT max(size) FROM record.cosignatures)
"""
_LINES = "SELECT line FROM record.cosignatures WHERE size = $1 ORDER BY place"
_WITNESSED = "SELECT min(time_s) FROM record.cosignatures WHERE size > $1"
_CAPSULE = "SELECT data FROM record.capsules WHERE sha256 = $1"
_SEALED = "SELECT body, nonce FROM record.sealed WHERE commitment = $1"
_OUTCOME = """
SELECT o.idx, e.data FROM reading.outcomes o JOIN record.entries e ON e.idx = o.idx
WHERE o.signal_idx = $1
"""

# Signals are chosen first, and only of those chosen is more read.
_WHOLE = """
SELECT s.idx, e.data, s.revealed, s.commitment IS NULL AS open, c.body FROM ({chosen}) s
JOIN record.entries e ON e.idx = s.idx
LEFT JOIN record.sealed c ON c.commitment = s.commitment ORDER BY {order}
"""
# Each symbol's signals are walked back from the newest to the first that may be shown.
_LATEST = _WHOLE.format(
    chosen="""
    SELECT n.* FROM reading.standing t CROSS JOIN LATERAL (
        SELECT * FROM reading.signals s
        WHERE s.symbol = t.symbol AND s.idx < $1 AND ($2 OR s.revealed < $1)
        ORDER BY s.idx DESC LIMIT 1
    ) n
    """,
    order="s.symbol",
)
_UNRESOLVED = _WHOLE.format(
    chosen="SELECT * FROM reading.signals WHERE NOT resolved AND direction <> 'HOLD'",
    order="s.idx",
)
_UNREVEALED = _WHOLE.format(
    chosen="SELECT * FROM reading.signals WHERE revealed IS NULL", order="s.idx"
)


async def read_fence(db: Connection) -> int:
    """The number of the newest lease, 0 before the first; whoever has it may write."""
    return int(await db.fetchval("SELECT coalesce(max(token), 0) FROM record.leases"))


async def read_entries(db: Connection, start: int, stop: int) -> tuple[LoggedEntry, ...]:
    """The entries with start <= index < stop, at most `MAX_RANGE` of them."""
    rows = await db.fetch(_ENTRIES, *_range(start, stop))
    return tuple(LoggedEntry(index, data) for index, data in rows)


async def read_hashes(db: Connection, level: int, start: int, stop: int) -> bytes:
    """Of a tile level, the hashes with start <= place < stop, at most `MAX_RANGE` of them."""
    if level == 0:
        return bytes(await db.fetchval(_LEAVES, *_range(start, stop)))
    return bytes(await db.fetchval(_NODES, *_range(start, stop), level))


async def read_checkpoint(db: Connection, *, cosigned: bool) -> Note | None:
    """The newest checkpoint, or the newest somebody cosigned, with all its signatures."""
    row = await db.fetchrow(_COSIGNED if cosigned else _NOTE)
    if row is None:
        return None
    lines = [parse_signature_line(one[0]) for one in await db.fetch(_LINES, row["size"])]
    return parse_note(row["note"]).with_lines(*lines)


async def witnessed_at(db: Connection, index: int) -> int | None:
    """The least time of a cosignature that covers the entry."""
    found: int | None = await db.fetchval(_WITNESSED, _within(index))
    return found


async def read_capsule(db: Connection, sha256: str) -> bytes | None:
    """The capsule of that hash."""
    row = await db.fetchrow(_CAPSULE, bytes.fromhex(sha256)) if _is_digest(sha256) else None
    return row[0] if row else None


async def read_sealed(db: Connection, commitment: str) -> Sealed | None:
    """What a commit entry commits to."""
    row = await db.fetchrow(_SEALED, bytes.fromhex(commitment)) if _is_digest(commitment) else None
    return Sealed(*row) if row else None


async def find_signals(db: Connection, query: SignalQuery, label: str) -> tuple[LoggedSignal, ...]:
    """Matching signals, largest index first."""
    wanted: dict[str, Any] = {
        "symbol = {}": query.symbol,
        "direction = {}": query.direction,
        "magnitude_bp >= {}": query.min_confidence_bp or None,
        "decided_us >= {}": to_micros(query.since) if query.since else None,
        "decided_us < {}": to_micros(query.until) if query.until else None,
        "idx < {}": None if query.before is None else _within(query.before),
        "idx < {}::bigint": None if query.published is None else _within(query.published),
        "revealed < {}": None if query.sealed else _bound(query.published),
    }
    asked = {condition: value for condition, value in wanted.items() if value is not None}
    if any("\0" in value for value in asked.values() if isinstance(value, str)):
        # PostgreSQL has no such text, so no signal has it either.
        return ()
    # The conditions are the constants above; what was asked for travels as parameters.
    numbered = [one.format(f"${number}") for number, one in enumerate(asked, 1)]
    conditions = " AND ".join(numbered) or "true"
    chosen = (
        f"SELECT * FROM reading.signals WHERE {conditions} "  # noqa: S608 - see above
        f"ORDER BY idx DESC LIMIT {query.limit:d}"
    )
    whole = _WHOLE.format(chosen=chosen, order="s.idx DESC")
    return _signals(await db.fetch(whole, *asked.values()), query.published, label)


async def latest_signals(
    db: Connection, label: str, *, sealed: bool, published: int | None
) -> tuple[LoggedSignal, ...]:
    """The newest signal of every symbol, of those that may be shown."""
    return _signals(await db.fetch(_LATEST, _bound(published), sealed), published, label)


async def unresolved_signals(db: Connection, label: str) -> tuple[LoggedSignal, ...]:
    """BUY and SELL signals without an outcome, smallest index first."""
    return _signals(await db.fetch(_UNRESOLVED), None, label)


async def unrevealed_signals(db: Connection, label: str) -> tuple[LoggedSignal, ...]:
    """Sealed signals, smallest index first."""
    return _signals(await db.fetch(_UNREVEALED), None, label)


async def find_outcome(db: Connection, index: int) -> LoggedEntry | None:
    """The outcome entry of the signal at that index, or None."""
    row = await db.fetchrow(_OUTCOME, _within(index))
    return LoggedEntry(*row) if row else None


def _signals(rows: Iterable[Any], published: int | None, label: str) -> tuple[LoggedSignal, ...]:
    bound, signals = _bound(published), list[LoggedSignal]()
    for index, entry, revealed, is_open, sealed in rows:
        body = entry if is_open else sealed
        if body is None:
            problem = f"what entry {index} commits to is missing"
            raise LogUnusable(f"{label}: {problem}; restore it from a copy")
        shown = None if revealed is None or revealed >= bound else revealed
        signals.append(LoggedSignal(index, body, entry, shown))
    return tuple(signals)


def _range(start: int, stop: int) -> tuple[int, int]:
    first = _within(max(0, start))
    return first, _within(min(stop, first + MAX_RANGE))


def _within(number: int) -> int:
    """The number, or the nearest that PostgreSQL has."""
    return max(-_NEVER, min(number, _NEVER))


def _bound(published: int | None) -> int:
    return _NEVER if published is None else _within(published)


def _is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None
