"""The log in PostgreSQL as the settings have it; whoever imports this loads its library."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime

from argo_adapters.postgres import search
from argo_adapters.postgres.link import address_of, connected, translated
from argo_adapters.postgres.log import PostgresLog
from argo_core.ledger.note import Note
from argo_core.ports import Signer
from argo_core.resilience.secret import Secret
from argo_service.config.log import Log

READ_S = 5.0


def opened(
    log: Log, url: Secret, signer: Signer, *, writing: bool = True
) -> AbstractAsyncContextManager[PostgresLog]:
    """The log, open for writing, or to be read and to be opened for that later.

    With the owner's URL its tables are made or brought up to date.
    """
    owner_url = None if log.owner_url is None else log.owner_url.reveal()
    return PostgresLog.open(url.reveal(), signer, writing=writing, owner_url=owner_url)


async def database_now(url: Secret) -> datetime:
    """What the database's clock says.

    Raises:
        LogError: it does not answer.
    """
    address = address_of(url.reveal())
    async with connected(address, call_s=READ_S) as connection:
        with translated(address.label):
            said: datetime = await connection.fetchval("SELECT clock_timestamp()")
            return said


async def try_to_write(url: Secret) -> None:
    """Write what is searched, as the app may, and take it back.

    Raises:
        LogError: it cannot be written.
    """
    address = address_of(url.reveal())
    async with connected(address, call_s=READ_S) as connection:
        with translated(address.label):
            await connection.execute(
                "BEGIN; INSERT INTO reading.outcomes VALUES (-1, -1); ROLLBACK"
            )


async def newest_checkpoints(url: Secret) -> tuple[Note | None, Note | None]:
    """The newest checkpoint, and the newest that somebody cosigned; read beside whoever writes.

    Raises:
        LogError: the log cannot be read.
    """
    address = address_of(url.reveal())
    async with connected(address, call_s=READ_S) as connection:
        with translated(address.label):
            newest = await search.read_checkpoint(connection, cosigned=False)
            return newest, await search.read_checkpoint(connection, cosigned=True)
