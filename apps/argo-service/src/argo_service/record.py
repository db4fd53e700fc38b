"""The log as the settings have it: in a file or in PostgreSQL, signed with its key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.rebuild import rebuild
from argo_core.errors import InvalidSetting, LogUnusable
from argo_core.ledger.note import Note
from argo_core.ports import SignalIndex, SignalLog
from argo_service.config.tree import Settings
from argo_service.record_in_file import newest_in_file
from argo_service.record_keys import (
    KEY_FILE,
    key_file,
    known_signer,
    mark_used,
    refuse_if_used,
    signer_of,
)


class OpenLog(SignalLog, SignalIndex, Protocol):
    """The log and what is searched in it, wherever they are kept."""

    @property
    def fence(self) -> int | None:
        """The number by which this process writes; None while it only reads."""
        ...

    async def newest_fence(self) -> int:
        """The newest such number of any process; 0 before the first."""
        ...

    async def begin_writing(self, after: int) -> int:
        """Check the log and take the next number, if the newest is still `after`.

        Raises:
            LogFenced: another process has taken one since.
            LogError: as for opening.
        """
        ...

    async def end_writing(self) -> None:
        """Only read from now on."""
        ...


@asynccontextmanager
async def opened_log(settings: Settings, *, writing: bool = True) -> AsyncIterator[OpenLog]:
    """The log, open for writing, or to be read beside others and to be opened for that later.

    Raises:
        InvalidSetting: its key is missing or another's, or has signed entries that are gone.
        LogError: it cannot be used.
    """
    is_new = await asyncio.to_thread(known_signer, settings) is None
    signer = await asyncio.to_thread(signer_of, settings)
    async with AsyncExitStack() as stack:
        try:
            log = await stack.enter_async_context(_opening(settings, signer, writing=writing))
        except LogUnusable as error:
            if not is_new:
                raise
            # It has signed nothing yet, and would be in the way of the key that is missing.
            await asyncio.to_thread(key_file(settings).unlink)
            problem = f"there is no key at {key_file(settings)}, and with a new one: {error}"
            raise InvalidSetting(KEY_FILE, problem, "put the log's key back") from error
        if (await log.head()).size:
            await asyncio.to_thread(mark_used, settings)
        else:
            await asyncio.to_thread(refuse_if_used, settings)
        yield log


def _opening(
    settings: Settings, signer: Ed25519Signer, *, writing: bool
) -> AbstractAsyncContextManager[OpenLog]:
    if settings.log.database_url is None:
        return SqliteLog.open(settings.database, signer, writing=writing)
    # Its library takes a tenth of a second to load, and most logs are files.
    from argo_service import record_in_postgres  # noqa: PLC0415 - see above

    url = settings.log.database_url
    return record_in_postgres.opened(settings.log, url, signer, writing=writing)


async def rebuild_read_model(settings: Settings) -> int:
    """Make what is searched anew from the record, while nobody writes; how many signals there are.

    Raises:
        InvalidSetting: there is no key, so there is no log.
        LogError: the log is in use, or cannot be read.
    """
    url = settings.log.database_url
    if url is None:
        return await asyncio.to_thread(rebuild, settings.database)
    signer = await asyncio.to_thread(known_signer, settings)
    if signer is None:
        problem = f"there is no key at {key_file(settings)}"
        raise InvalidSetting(KEY_FILE, problem, "put the log's key there")
    from argo_service import record_in_postgres  # noqa: PLC0415 - it takes long to load

    async with record_in_postgres.opened(settings.log, url, signer) as log:
        return await log.rebuild_read_model()


async def newest_checkpoints(settings: Settings) -> tuple[Note | None, Note | None]:
    """The newest checkpoint, and the newest that somebody cosigned; read beside whoever writes.

    Raises:
        LogError: the log cannot be read.
    """
    if settings.log.database_url is None:
        return await asyncio.to_thread(newest_in_file, settings.database)
    from argo_service import record_in_postgres  # noqa: PLC0415 - it takes long to load

    return await record_in_postgres.newest_checkpoints(settings.log.database_url)
