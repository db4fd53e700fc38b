"""The one session that may write: a lock while it lives, and a lease that outlives it.

The lock keeps a second writer out while the first is there. The lease keeps the first out once a
second has come after it: it is looked at in every transaction, behind a lock of its own. Writers
that take turns share the lock, so that one that was paused does not keep the next one out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from attrs import field, mutable

from argo_adapters.postgres.link import Address, Connection, connect
from argo_adapters.postgres.schema import APPEND_LOCK, LOCK_SPACE, WRITER_LOCK
from argo_core.errors import LogFenced, LogUnavailable

# A process that was killed is missed by the server a moment later.
LOCK_MS = 1_000
_FAREWELL_S = 1.0

_LOCK = (
    f"SET lock_timeout = {LOCK_MS}; "
    f"SELECT pg_advisory_lock({LOCK_SPACE}, {WRITER_LOCK}); "
    "SET lock_timeout = 0"
)
_LOCK_SHARED = _LOCK.replace("pg_advisory_lock(", "pg_advisory_lock_shared(")
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({LOCK_SPACE}, {APPEND_LOCK})"
_NEWEST = """
SELECT token, holder, (SELECT coalesce(max(size), 0) FROM record.heads) AS size
FROM record.leases ORDER BY token DESC LIMIT 1
"""
_FENCE = "SELECT coalesce(max(token), 0) FROM record.leases"
_TAKE = """
INSERT INTO record.leases SELECT coalesce(max(token), 0) + 1, $1, now() FROM record.leases
RETURNING token
"""


@mutable
class WriterSession:
    """`size` is the newest head's, as the transaction under way saw it; `token` our lease."""

    address: Address
    call_s: float
    holder: str
    size: int = 0
    token: int = 0
    takes_turns: bool = False
    connection: Connection | None = field(default=None, init=False)
    _fenced: bool = field(default=False, init=False)

    async def start(self, open_s: float) -> Connection:
        """Connect, with time for what has to be checked before lock and lease are taken."""
        self.connection = await connect(self.address, call_s=open_s)
        return self.connection

    async def lock(self, connection: Connection) -> None:
        """Keep others out for as long as the connection lives.

        Raises:
            LogUnavailable: another process writes to the log.
        """
        try:
            await connection.execute(_LOCK_SHARED if self.takes_turns else _LOCK)
        except asyncpg.LockNotAvailableError as error:
            problem = "another process writes to it; stop that one, then try again"
            raise LogUnavailable(f"{self.address.label}: {problem}") from error

    async def take_lease(self, connection: Connection, after: int | None = None) -> None:
        """From now on every earlier writer is out, whatever it does.

        Raises:
            LogFenced: the newest lease is not `after`.
        """
        async with self._committed(connection):
            if after is not None and (newest := await connection.fetchval(_FENCE)) != after:
                raise LogFenced(self._said(f"lease {newest} was taken after {after}"))
            self.token = await connection.fetchval(_TAKE, self.holder)
        await connection.execute(f"SET statement_timeout = {int(self.call_s * 1_000)}")

    async def leave(self) -> None:
        """End the session; the lease is worth nothing from now on."""
        connection, self.connection = self.connection, None
        self.token, self._fenced = 0, True
        if connection is not None:
            await farewell(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Write inside, all or nothing; connects again where the connection was lost.

        If that happens on the way to the end, nobody knows at first whether it came to it. The new
        session waits for the lock, and gets it when the old one has come to an end either way.

        Raises:
            LogFenced: another process has taken a lease since.
            LogUnavailable: the server is away, or has not let go of an earlier session yet.
        """
        if self._fenced:
            raise LogFenced(self._said("it is not open for writing any more"))
        if self.connection is None or self.connection.is_closed():
            self.connection = await self._connect_again()
        async with self._committed(self.connection):
            await self._check_lease(self.connection)
            yield self.connection

    async def _connect_again(self) -> Connection:
        connection = await connect(self.address, call_s=self.call_s)
        try:
            # Whoever took over holds the lock, and there is no use in waiting for it.
            await self._check_lease(connection)
            await self.lock(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _check_lease(self, connection: Connection) -> None:
        token, holder, self.size = await connection.fetchrow(_NEWEST)
        if token != self.token:
            self._fenced = True
            problem = f"{holder} has opened it since, with lease {token} after our {self.token}"
            raise LogFenced(self._said(problem))

    def _said(self, problem: str) -> str:
        return f"{self.address.label}: {problem}; stop, and leave the log to it"

    @asynccontextmanager
    async def _committed(self, connection: Connection) -> AsyncIterator[None]:
        try:
            await connection.execute(_BEGIN)
            yield
            await connection.execute("COMMIT")
        except BaseException:
            await _roll_back(connection)
            raise


async def farewell(connection: Connection) -> None:
    """Close a connection or a pool; a server that does not answer is not waited for."""
    try:
        async with asyncio.timeout(_FAREWELL_S):
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


async def _roll_back(connection: Connection) -> None:
    rolled_back = False
    try:
        # Whatever is wrong with it, what brought us here says more.
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with asyncio.timeout(_FAREWELL_S):
                await connection.execute("ROLLBACK")
                rolled_back = True
    finally:
        if not rolled_back:
            connection.terminate()
