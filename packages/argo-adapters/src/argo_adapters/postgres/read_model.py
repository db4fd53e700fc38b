"""The signals of a log in tables of their own, to be searched; made of the record at any time."""

import asyncio
from collections.abc import Mapping

from argo_adapters.postgres.link import Connection
from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.read_rows import ReadRows, read_rows

CHUNK = 5_000
_TABLES = ("signals", "standing", "outcomes")
_COLUMNS = (
    "idx",
    "symbol",
    "direction",
    "magnitude_bp",
    "decided_us",
    "commitment",
    "revealed",
    "resolved",
)

_AHEAD = "SELECT signal_idx FROM reading.outcomes WHERE signal_idx >= $1"
_STANDING = """
INSERT INTO reading.standing SELECT * FROM unnest($1::text[], $2::bigint[])
ON CONFLICT (symbol) DO UPDATE SET idx = excluded.idx
"""
_REVEAL = """
UPDATE reading.signals s SET revealed = r.at
FROM unnest($1::bigint[], $2::bigint[]) AS r (idx, at) WHERE s.idx = r.idx AND s.revealed IS NULL
"""
_OUTCOMES = """
INSERT INTO reading.outcomes SELECT * FROM unnest($1::bigint[], $2::bigint[])
ON CONFLICT (signal_idx) DO NOTHING
"""
_RESOLVE = "UPDATE reading.signals SET resolved = true WHERE idx = ANY ($1::bigint[])"
_IS_INDEXED = """
SELECT (SELECT count(*) FROM reading.signals)
    = coalesce((SELECT signals FROM record.heads ORDER BY size DESC LIMIT 1), 0)
"""
_ENTRIES = "SELECT data FROM record.entries WHERE idx >= $1 AND idx < $2 ORDER BY idx"
_BODIES = "SELECT commitment, body FROM record.sealed WHERE commitment = ANY ($1::bytea[])"


async def index_rows(connection: Connection, first: int, rows: ReadRows) -> None:
    """Add what entries from index `first` on say."""
    if rows.signals:
        # Nothing keeps an outcome from naming a signal that comes after it.
        ahead = {row[0] for row in await connection.fetch(_AHEAD, first)}
        await connection.copy_records_to_table(
            "signals",
            schema_name="reading",
            columns=_COLUMNS,
            records=[
                (
                    one.index,
                    one.symbol,
                    one.direction,
                    one.magnitude_bp,
                    one.decided_us,
                    None if one.commitment is None else bytes.fromhex(one.commitment),
                    one.revealed,
                    one.index in ahead,
                )
                for one in rows.signals
            ],
        )
        await connection.execute(_STANDING, *_pairs(rows.newest()))
    if rows.reveals:
        await connection.execute(_REVEAL, *_pairs(rows.reveals))
    if rows.outcomes:
        await connection.execute(_OUTCOMES, *_pairs(rows.outcomes))
        await connection.execute(_RESOLVE, list(rows.outcomes))


async def is_indexed(connection: Connection) -> bool:
    """Whether the read model has as many signals as were written; `verify` compares each."""
    return bool(await connection.fetchval(_IS_INDEXED))


async def make_read_model(connection: Connection, label: str, size: int) -> int:
    """Make all of it anew, within the caller's transaction; how many signals there are.

    Raises:
        LogUnusable: an entry or a sealed body cannot be read.
    """
    for table in _TABLES:
        await connection.execute(f"DELETE FROM reading.{table}")  # noqa: S608 - ours
    total = 0
    for start in range(0, size, CHUNK):
        rows = await rows_of(connection, label, start, start + CHUNK)
        await index_rows(connection, start, rows)
        total += len(rows.signals)
    return total


async def rows_of(connection: Connection, label: str, start: int, stop: int) -> ReadRows:
    """What the entries with start <= index < stop say, read back from the record.

    Raises:
        LogUnusable: an entry or a sealed body cannot be read.
    """
    stored = [row[0] for row in await connection.fetch(_ENTRIES, start, stop)]
    try:
        entries = await asyncio.to_thread(lambda: list(map(decode_entry, stored)))
        commits = [one.text("commitment") for one in entries if one.kind == "commit"]
        found = await connection.fetch(_BODIES, list(map(bytes.fromhex, commits)))
        bodies = {digest.hex(): decode_entry(body) for digest, body in found}
    except InvalidInput as error:
        raise LogUnusable(f"{label}: {error}; restore it from a copy") from error
    return _checked_rows(start, entries, bodies, label)


def _checked_rows(
    start: int, entries: list[Entry], bodies: Mapping[str, Entry], label: str
) -> ReadRows:
    try:
        return read_rows(start, entries, bodies)
    except KeyError as error:
        problem = f"the body of the commitment {error} is missing"
        raise LogUnusable(f"{label}: {problem}; restore it from a copy") from error


def _pairs(mapping: Mapping[str, int] | Mapping[int, int]) -> tuple[list[str | int], list[int]]:
    return list(mapping), list(mapping.values())
