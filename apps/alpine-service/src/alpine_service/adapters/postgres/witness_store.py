"""Where the witness stands, in PostgreSQL: the port `WitnessStore`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import define, field, frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.feed_store import witness_head_of
from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.feed.tree import EMPTY_ROOT
from alpine_service.ports.feed import WitnessHead

# A row from the first request on, so that there is something to lock.
_BEGIN = """
INSERT INTO witness_head (log, size, root, note, cosigned_s) VALUES ($1, 0, $2, '', 0)
ON CONFLICT DO NOTHING
"""
_LOCK = "SELECT size, root, note, cosigned_s FROM witness_head WHERE log = $1 FOR UPDATE"
_MOVE = """
UPDATE witness_head SET size = $2, root = $3, note = $4, cosigned_s = $5 WHERE log = $1
"""


@frozen
class PostgresWitness:
    """Keeps the port `WitnessStore`."""

    _database: Database

    @asynccontextmanager
    async def turn(self, log: str) -> AsyncIterator["PostgresTurn"]:
        async with self._database.transaction() as connection:
            # A witness's memory outlives the machine's failure, whatever the server's setting.
            await connection.execute("SET LOCAL synchronous_commit = on")
            await connection.execute(_BEGIN, log, EMPTY_ROOT)
            row = await connection.fetchrow(_LOCK, log)
            yield PostgresTurn(witness_head_of(log, row), connection)


@define
class PostgresTurn:
    """Keeps the port `WitnessTurn`, within a transaction."""

    head: WitnessHead
    _connection: Connection = field(repr=False)

    async def move(self, head: WitnessHead) -> None:
        await self._connection.execute(
            _MOVE, head.head.origin, head.head.size, head.head.root, head.note, head.cosigned_s
        )
