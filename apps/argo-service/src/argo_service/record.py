"""The record as the settings have it: the key it is signed with, the log, and its publication."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.keys.key_file import make_key_file, read_key_file
from argo_adapters.sqlite.log import SqliteLog
from argo_core.engine.publication import Publication
from argo_core.errors import InvalidSetting
from argo_core.ledger.policy import Policy
from argo_core.ports import Clock, Observer
from argo_service.config.tree import Settings
from argo_service.folder import make_folder_of


def key_path(database: Path) -> Path:
    """Where the key rests that signs the log in that file."""
    return database.with_name(database.name + ".key")


def signer_of(settings: Settings) -> Ed25519Signer:
    """Whoever signs the log; a log that is not there yet gets a new key. Blocks.

    Raises:
        InvalidSetting: the log is there and its key is not, or the key is another log's.
        InvalidInput: the key file cannot be trusted.
    """
    path, name = key_path(settings.database), settings.log.name
    signer = read_key_file(path)
    if signer is None:
        if settings.database.exists():
            problem = f"there is a log, and no key at {path}"
            fix = "put the key back, or begin another log under another name"
            raise InvalidSetting("log.key_file", problem, fix)
        make_folder_of(settings.database)
        signer = make_key_file(path, name)
    if signer.key.name != name:
        problem = f"the key at {path} is {signer.key.name}'s"
        raise InvalidSetting("log.name", problem, "keep the name, or begin another log")
    return signer


@asynccontextmanager
async def opened_log(settings: Settings) -> AsyncIterator[SqliteLog]:
    """The log, open for writing.

    Raises:
        InvalidSetting: its key is missing or another's.
        LogError: it cannot be used.
    """
    signer = await asyncio.to_thread(signer_of, settings)
    async with SqliteLog.open(settings.database, signer) as log:
        yield log


def publication_of(log: SqliteLog, clock: Clock, observer: Observer) -> Publication:
    """Who publishes what is in the log."""
    return Publication(log, Policy(log.key), (), verify_ed25519, clock=clock, observer=observer)
