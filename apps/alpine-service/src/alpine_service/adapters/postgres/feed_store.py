"""What was read of the log, in PostgreSQL: the port `FeedStore`."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from hashlib import sha256
from operator import attrgetter

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.events import append_events
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.signal_rows import (
    COLUMNS,
    look_up,
    open_record,
    record_of,
    write_story,
)
from alpine_service.domain.feed.checkpoint import Head, read_checkpoint
from alpine_service.domain.feed.growing import NO_EDGE
from alpine_service.domain.feed.standing import Needs
from alpine_service.domain.feed.tile import LEVELS, Tile
from alpine_service.domain.feed.tree import EMPTY_ROOT, HASH_BYTES, Frontier
from alpine_service.domain.signals.batch import Batch
from alpine_service.domain.signals.known import Known
from alpine_service.domain.signals.opened import Opened
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.errors import DatabaseRefused
from alpine_service.ports.feed import FeedHead, StoredCheckpoint, WitnessHead

_ENTRY_COLUMNS = ("log_index", "kind", "strategy", "seq", "decided_us", "data", "signal_sha256")
_entry_row = attrgetter("index", "kind", "strategy", "seq", "decided_us", "data", "signal_sha256")

VOUCHED_AT_ONCE = 10_000
"""Signals that get their official time in one transaction."""

TURN_S = 20.0
"""Longer than nearly every step of the reading takes."""

_SILENCE = "SET LOCAL idle_in_transaction_session_timeout = {}"
_HEAD = "SELECT log, size, nodes, note, bodies_from FROM feed_head"
_EDGE = """
SELECT t.level, t.hashes FROM tiles t
JOIN unnest($1::smallint[], $2::bigint[]) n (level, number) USING (level, number)
"""
_TILES = """
SELECT t.level, t.number, t.hashes FROM tiles t
JOIN unnest($1::smallint[], $2::bigint[]) n (level, number) USING (level, number)
"""
_BEGIN = """
INSERT INTO feed_head (log, size, root, nodes, note, read_at, heard_at)
VALUES ($1, 0, $2, '', '', $3, $3) ON CONFLICT DO NOTHING
"""
_LOCK = "SELECT size, root FROM feed_head WHERE log = $1 FOR UPDATE"
_MOVE = """
UPDATE feed_head SET size = $2, root = $3, nodes = $4, note = $5, read_at = $6,
    heard_at = greatest(heard_at, $6) WHERE log = $1
"""
_GROW = """
INSERT INTO tiles (level, number, hashes)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
ON CONFLICT (level, number) DO UPDATE SET hashes = EXCLUDED.hashes
"""
_CHECKPOINT = """
INSERT INTO checkpoints (size, root, note, cosigned_s, read_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_HEARD = "UPDATE feed_head SET heard_at = greatest(heard_at, $2) WHERE log = $1"
# The official time never decreases from one signal to the next, because whatever vouches for the
# one vouches for those before it. So what has none, or a later one, is at the end, and stays there
# while it is worked off from its beginning.
_VOUCH = """
UPDATE signals SET official_s = $2 WHERE log_index IN (
    SELECT log_index FROM signals WHERE log_index < $1 AND log_index > coalesce(
        (SELECT s.log_index FROM signals s WHERE s.log_index < $1 AND s.official_s <= $2
         ORDER BY s.log_index DESC LIMIT 1), -1)
    ORDER BY log_index LIMIT $3)
"""
_COSIGNED = """
UPDATE checkpoints SET cosigned_s = $2, note = $3
WHERE size = $1 AND (cosigned_s IS NULL OR cosigned_s > $2)
"""
_SEALED = """
SELECT EXISTS (SELECT FROM signals WHERE disclosure = 'delayed' AND audience IS NULL
    AND log_index >= $1 AND log_index < $2)
"""
_COMMITS = f"""
SELECT e.data AS entry, {", ".join(f"s.{name}" for name in COLUMNS)}
FROM signals s JOIN entries e USING (log_index)
WHERE s.log_index = ANY ($1) AND s.disclosure = 'delayed' AND s.audience IS NULL
ORDER BY s.log_index
"""  # noqa: S608 - the names are ours
_HAS_ID = "SELECT EXISTS (SELECT FROM signals WHERE signal_id = $1)"
_BODIES_FROM = "UPDATE feed_head SET bodies_from = greatest(bodies_from, $2) WHERE log = $1"
_NEWEST = "SELECT size, root, note, cosigned_s FROM checkpoints ORDER BY size DESC LIMIT 1"
_WITNESS = "SELECT size, root, note, cosigned_s FROM witness_head WHERE log = $1"


@frozen
class PostgresFeed:
    """Keeps the port `FeedStore`. A database holds one log.

    After `turn_s` seconds another process may read as well, which costs work and changes nothing.
    """

    _database: Database
    _turn_s: float = TURN_S

    @asynccontextmanager
    async def reading(self, log: str) -> AsyncIterator[bool]:
        key = int.from_bytes(sha256(f"alpine reads {log}".encode()).digest()[:8], signed=True)
        async with self._database.connection() as connection:
            turn = connection.transaction()
            await turn.start()
            try:
                # The server ends a session that is silent in its transaction, and the turn with
                # it: a process that is paused, or behind a dead line, holds nobody up for longer.
                await connection.execute(_SILENCE.format(int(self._turn_s * 1_000)))
                yield await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", key)
            finally:
                # Whose turn was ended by the server has lost nothing but its turn.
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await turn.rollback()

    async def head(self, log: str) -> FeedHead | None:
        async with self._database.transaction("repeatable_read") as connection:
            row = await connection.fetchrow(_HEAD)
            if row is None:
                return None
            if row["log"] != log:
                problem = f"the database holds the log {row['log']}; give {log} another database"
                raise DatabaseRefused(problem)
            return await _head(connection, row)

    async def witness_head(self, log: str) -> WitnessHead | None:
        row = await self._database.fetchrow(_WITNESS, log)
        head = witness_head_of(log, row)
        return head if head.head.size else None

    async def known(self, needs: Needs, also: Collection[int]) -> Known:
        async with self._database.transaction("repeatable_read") as connection:
            return await look_up(connection, needs, also)

    async def accept(self, old: FeedHead, batch: Batch, at: datetime) -> bool:
        log = batch.promised.origin
        async with self._database.transaction() as connection:
            await connection.execute(_BEGIN, log, EMPTY_ROOT, at)
            row = await connection.fetchrow(_LOCK, log)
            if row is None or (row["size"], row["root"]) != (old.size, old.frontier.root()):
                return False
            await _insert_entries(connection, batch)
            await _grow(connection, batch.tiles)
            await write_story(connection, batch.story, batch.start)
            if batch.is_whole:
                await connection.execute(
                    _CHECKPOINT,
                    batch.size,
                    batch.promised.root,
                    batch.note,
                    batch.cosigned_s,
                    at,
                )
            await _move(connection, batch, at)
            # Last, because from here on all who tell of events wait for this commit.
            await append_events(connection, batch.story.events)
        return True

    async def vouched(self, log: str, size: int, cosigned_s: int, note: bytes | None) -> None:
        # In pieces, because the first cosignature of a long log is one for all of it.
        while await self._vouch(log, size, cosigned_s) == VOUCHED_AT_ONCE:
            pass
        if note is not None:
            await self._database.execute(_COSIGNED, size, cosigned_s, note)

    async def _vouch(self, log: str, size: int, cosigned_s: int) -> int:
        async with self._database.transaction() as connection:
            await connection.fetchrow(_LOCK, log)
            status = await connection.execute(_VOUCH, size, cosigned_s, VOUCHED_AT_ONCE)
        return int(status.removeprefix("UPDATE "))

    async def has_sealed(self, start: int, end: int) -> bool:
        return bool(await self._database.fetchval(_SEALED, start, end))

    async def commits(self, indices: Collection[int]) -> list[tuple[bytes, SignalRecord]]:
        rows = await self._database.fetch(_COMMITS, sorted(indices))
        return [(row["entry"], record_of(row)) for row in rows]

    async def has_id(self, signal_id: str) -> bool:
        return bool(await self._database.fetchval(_HAS_ID, signal_id))

    async def open(self, log: str, bodies: Sequence[Opened], bodies_from: int) -> None:
        async with self._database.transaction() as connection:
            await connection.fetchrow(_LOCK, log)
            events = [one.event for one in bodies if await open_record(connection, one.record)]
            await connection.execute(_BODIES_FROM, log, bodies_from)
            await append_events(connection, events)

    async def heard(self, log: str, at: datetime) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(_BEGIN, log, EMPTY_ROOT, at)
            await connection.execute(_HEARD, log, at)

    async def tiles(self, tiles: Collection[Tile]) -> Mapping[Tile, bytes]:
        asked = list(tiles)
        rows = await self._database.fetch(
            _TILES, [one.level for one in asked], [one.index for one in asked]
        )
        stored = {(row["level"], row["number"]): row["hashes"] for row in rows}
        return {one: _beginning(one, stored.get((one.level, one.index), b"")) for one in asked}

    async def checkpoint(self) -> StoredCheckpoint | None:
        row = await self._database.fetchrow(_NEWEST)
        return None if row is None else StoredCheckpoint(**row)


def witness_head_of(log: str, row: asyncpg.Record | None) -> WitnessHead:
    """A row of where the witness stands; at the beginning, if there is none."""
    if row is None:
        return WitnessHead(Head(log, 0, EMPTY_ROOT), b"", 0)
    return WitnessHead(Head(log, row["size"], row["root"]), row["note"], row["cosigned_s"])


async def _head(connection: Connection, row: asyncpg.Record) -> FeedHead:
    size, nodes, note = row["size"], row["nodes"], row["note"]
    hashes = tuple(nodes[at : at + HASH_BYTES] for at in range(0, len(nodes), HASH_BYTES))
    # The last tile of a level, which is there only if it has a beginning.
    numbers = [size >> 8 * level + 8 for level in range(LEVELS)]
    edge = list(NO_EDGE)
    for tile in await connection.fetch(_EDGE, list(range(LEVELS)), numbers):
        edge[tile["level"]] = tile["hashes"]
    promised = read_checkpoint(note).head if note else Head(row["log"], 0, EMPTY_ROOT)
    return FeedHead(Frontier(size, hashes), promised, note, tuple(edge), row["bodies_from"])


async def _insert_entries(connection: Connection, batch: Batch) -> None:
    rows = [_entry_row(entry) for entry in batch.story.entries]
    await connection.copy_records_to_table("entries", records=rows, columns=_ENTRY_COLUMNS)


async def _grow(connection: Connection, tiles: Mapping[tuple[int, int], bytes]) -> None:
    await connection.execute(
        _GROW,
        [level for level, _ in tiles],
        [number for _, number in tiles],
        list(tiles.values()),
    )


async def _move(connection: Connection, batch: Batch, at: datetime) -> None:
    await connection.execute(
        _MOVE,
        batch.promised.origin,
        batch.size,
        batch.frontier.root(),
        b"".join(batch.frontier.hashes),
        batch.note,
        at,
    )


def _beginning(tile: Tile, hashes: bytes) -> bytes:
    needed = tile.width * HASH_BYTES
    if len(hashes) < needed:
        raise DatabaseRefused(f"the stored {tile.path} is missing or too short; restore a copy")
    return hashes[:needed]
