"""A signal log in PostgreSQL, only to be read, also while a service writes to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import field, frozen

from argo_adapters.postgres import search
from argo_adapters.postgres.link import Address, Connection, address_of, connected, translated
from argo_core.ledger.note import Note
from argo_core.ledger.record import LoggedEntry

CALL_S = 5.0


@frozen
class LogTables:
    """The log in that database; use it inside `open_log_tables`, one call at a time."""

    address: Address
    connection: Connection = field(repr=False)

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """As `SignalLog.entries`."""
        with translated(self.address.label):
            return await search.read_entries(self.connection, start, stop)

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        """As `SignalLog.hashes`."""
        with translated(self.address.label):
            return await search.read_hashes(self.connection, level, start, stop)

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        """As `SignalLog.checkpoint`."""
        with translated(self.address.label):
            return await search.read_checkpoint(self.connection, cosigned=cosigned)


@asynccontextmanager
async def open_log_tables(url: str) -> AsyncIterator[LogTables]:
    """The log in that database; the URL is a secret.

    Raises:
        LogUnavailable: the server is away.
        LogUnusable: it does not let us in, or has no signal log.
    """
    address = address_of(url)
    async with connected(address, call_s=CALL_S) as connection:
        yield LogTables(address, connection)
