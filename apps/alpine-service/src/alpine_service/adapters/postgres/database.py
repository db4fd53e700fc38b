"""A pool of connections that stores borrow from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import asyncpg
from attrs import field, frozen

from alpine_service.adapters.postgres.address import address_of
from alpine_service.adapters.postgres.link import (
    WAITS,
    Connection,
    Waits,
    as_way,
    reach,
    speak_json,
    translated,
)
from alpine_service.domain.rotating import Rotating

_FAREWELL_S = 5.0


@frozen
class Pool:
    """Connections of a pool: how many there are, how many of these nobody uses, and the most."""

    open: int
    idle: int
    limit: int


@frozen
class Database:
    """What stores are made over. `label` says where it is and may be shown."""

    label: str
    _pool: "asyncpg.Pool[asyncpg.Record]" = field(repr=False)
    _waits: Waits = field(repr=False)

    async def renew(self) -> None:
        """Connect anew for whoever needs a connection from now on, as after another password."""
        await self._pool.expire_connections()

    def pool(self) -> Pool:
        """How the pool is now."""
        pool = self._pool
        return Pool(pool.get_size(), pool.get_idle_size(), pool.get_max_size())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for a while; each of its statements stands alone.

        Raises:
            DatabaseAway: there is none in time, or it broke; wait and try again.
            DatabaseRefused: the server will say the same again.
        """
        with translated(self.label):
            async with self._pool.acquire(timeout=self._waits.connect_s) as connection:
                yield connection

    @asynccontextmanager
    async def transaction(
        self, isolation: Literal["read_committed", "repeatable_read", "serializable"] | None = None
    ) -> AsyncIterator[Connection]:
        """A connection in a transaction: committed at the end of the block, or else rolled back.

        Raises:
            DatabaseAway: as above. If it broke at the commit, nobody knows whether it took place.
            DatabaseRefused: as above.
        """
        async with self.connection() as connection, connection.transaction(isolation=isolation):
            yield connection

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows of one statement."""
        async with self.connection() as connection:
            return await connection.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of one statement."""
        async with self.connection() as connection:
            return await connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """The first value of the first row of one statement."""
        async with self.connection() as connection:
            return await connection.fetchval(query, *arguments)

    async def execute(self, query: str, *arguments: Any) -> str:
        """What the server says of one statement, such as `UPDATE 1`."""
        async with self.connection() as connection:
            return await connection.execute(query, *arguments)


@asynccontextmanager
async def open_database(
    url: str | Rotating, *, size: int = 10, name: str = "alpine", waits: Waits = WAITS
) -> AsyncIterator[Database]:
    """The database at `url`, with up to `size` connections, made when they are needed.

    A URL whose password is being changed is looked up anew for each connection.

    Raises:
        InvalidSetting: the URL is malformed.
    """
    way = as_way(url)
    address = await address_of(way.values[0])

    async def connect(
        *_: Any, loop: Any, connection_class: Any, record_class: Any, **__: Any
    ) -> "asyncpg.Connection[asyncpg.Record]":
        # The pool hands over what it was told itself; how to get there is ours to know.
        return await reach(
            way,
            name,
            waits,
            loop=loop,
            connection_class=connection_class,
            record_class=record_class,
        )

    # The driver's description of `connect` is of its own function and no other.
    by_us: dict[str, Any] = {"connect": connect}
    pool = await asyncpg.create_pool(
        min_size=0, max_size=size, init=speak_json, reset=_leave, **by_us
    )
    try:
        yield Database(address.label, pool, waits)
    finally:
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await pool.close()
        except TimeoutError:
            pool.terminate()


async def _leave(connection: Connection) -> None:
    """Nothing is undone but an open transaction, which the pool sees to itself.

    Undoing whatever a session could have set takes a question to the server, as long as a small
    query. Stores set nothing that outlives a transaction.
    """
