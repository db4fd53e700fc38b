"""The record as the settings have it: the log, and the keys that sign it and seal what it hides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.keys.key_file import make_key_file, read_key_file
from argo_adapters.keys.reveal_key_file import make_reveal_key, read_reveal_key
from argo_adapters.postgres import search
from argo_adapters.postgres.link import address_of, connected, translated
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.sqlite.connection import connect
from argo_adapters.sqlite.connection import translated as in_file
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.rebuild import rebuild
from argo_adapters.sqlite.record import read_checkpoint
from argo_adapters.sqlite.schema import identify
from argo_core.errors import InvalidInput, InvalidSetting, LogUnusable
from argo_core.ledger.note import Note
from argo_service.config.secret import Secret
from argo_service.config.tree import Settings
from argo_service.folder import make_folder_of

OpenLog: TypeAlias = SqliteLog | PostgresLog
"""The log in a file, or in PostgreSQL."""

READ_S = 5.0
_KEY_FILE = "log.key_file"


def key_path(database: Path) -> Path:
    """Where the key rests that signs the log, unless the settings name another place."""
    return database.with_name(database.name + ".key")


def key_file(settings: Settings) -> Path:
    """Where the key rests that signs the log."""
    return settings.log.key_file or key_path(settings.database)


def reveal_key_file(settings: Settings) -> Path:
    """Where the key rests that seals signals until they are shown."""
    beside = settings.database.with_name(settings.database.name + ".reveal-key")
    return settings.log.reveal_key_file or beside


def known_signer(settings: Settings) -> Ed25519Signer | None:
    """Whoever signs the log, None while no key was made. Blocks.

    Raises:
        InvalidSetting: the key file cannot be trusted, or the key is another log's.
    """
    path = key_file(settings)
    try:
        signer = read_key_file(path)
    except InvalidInput as error:
        raise InvalidSetting(_KEY_FILE, f"{path}: {error.problem}", error.fix) from error
    if signer is not None and signer.key.name != settings.log.name:
        problem = f"the key at {path} is {signer.key.name}'s, and the log is {settings.log.name}"
        raise InvalidSetting("log.name", problem, "keep the name, or begin another log")
    return signer


def signer_of(settings: Settings) -> Ed25519Signer:
    """Whoever signs the log; one without entries gets a new key. Blocks.

    Raises:
        InvalidSetting: the log has entries and its key is not there, or the key is another's.
        LogError: the file of the log cannot be looked into, or the key's folder cannot be made.
    """
    signer, path = known_signer(settings), key_file(settings)
    if signer is not None:
        return signer
    if has_entries_in_file(settings):
        problem = f"there is a log at {settings.database}, and no key at {path}"
        fix = "put the key back, or begin another log under another name"
        raise InvalidSetting(_KEY_FILE, problem, fix)
    make_folder_of(path)
    try:
        return make_key_file(path, settings.log.name)
    except InvalidInput as error:
        raise InvalidSetting(_KEY_FILE, f"{path}: {error.problem}", error.fix) from error


def has_entries_in_file(settings: Settings) -> bool:
    """Whether the log is in a file and has entries; they were signed with its key. Blocks.

    Raises:
        LogError: the file is no signal log, or cannot be read.
    """
    in_postgres = settings.log.database_url is not None
    return not in_postgres and _newest_in_file(settings.database)[0] is not None


def reveal_key_of(settings: Settings) -> bytes | None:
    """What seals signals, made when it is first needed; None where they are open. Blocks.

    Raises:
        InvalidSetting: the file cannot be trusted, or cannot be made.
        LogUnavailable: its folder cannot be made.
    """
    if not settings.log.sealed_s:
        return None
    path = reveal_key_file(settings)
    try:
        key = read_reveal_key(path)
        if key is None:
            make_folder_of(path)
            key = make_reveal_key(path)
    except InvalidInput as error:
        fix = error.fix
        raise InvalidSetting("log.reveal_key_file", f"{path}: {error.problem}", fix) from error
    return key


@asynccontextmanager
async def opened_log(settings: Settings) -> AsyncIterator[OpenLog]:
    """The log, open for writing.

    Raises:
        InvalidSetting: its key is missing or another's.
        LogError: it cannot be used.
    """
    is_new = await asyncio.to_thread(known_signer, settings) is None
    signer = await asyncio.to_thread(signer_of, settings)
    async with AsyncExitStack() as stack:
        try:
            log = await stack.enter_async_context(_opening(settings, signer))
        except LogUnusable as error:
            if not is_new:
                raise
            # It has signed nothing yet, and would be in the way of the key that is missing.
            await asyncio.to_thread(key_file(settings).unlink)
            problem = f"there is no key at {key_file(settings)}, and with a new one: {error}"
            raise InvalidSetting(_KEY_FILE, problem, "put the log's key back") from error
        yield log


def _opening(settings: Settings, signer: Ed25519Signer) -> AbstractAsyncContextManager[OpenLog]:
    url = settings.log.database_url
    if url is None:
        return SqliteLog.open(settings.database, signer)
    return _in_postgres(settings, url, signer)


def _in_postgres(
    settings: Settings, url: Secret, signer: Ed25519Signer
) -> AbstractAsyncContextManager[PostgresLog]:
    owner = settings.log.owner_url
    owner_url = None if owner is None else owner.reveal()
    return PostgresLog.open(url.reveal(), signer, owner_url=owner_url)


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
        raise InvalidSetting(_KEY_FILE, problem, "put the log's key there")
    async with _in_postgres(settings, url, signer) as log:
        return await log.rebuild_read_model()


async def newest_checkpoints(settings: Settings) -> tuple[Note | None, Note | None]:
    """The newest checkpoint, and the newest that somebody cosigned; read beside whoever writes.

    Raises:
        LogError: the log cannot be read.
    """
    if settings.log.database_url is None:
        return await asyncio.to_thread(_newest_in_file, settings.database)
    address = address_of(settings.log.database_url.reveal())
    async with connected(address, call_s=READ_S) as connection:
        with translated(address.label):
            newest = await search.read_checkpoint(connection, cosigned=False)
            return newest, await search.read_checkpoint(connection, cosigned=True)


def _newest_in_file(path: Path) -> tuple[Note | None, Note | None]:
    if not path.exists():
        return None, None
    with in_file(path):
        db = connect(path, read_only=True, busy_s=READ_S)
        try:
            if not identify(db, path):
                return None, None
            newest = read_checkpoint(db, path, cosigned=False)
            return newest, read_checkpoint(db, path, cosigned=True)
        finally:
            db.close()
