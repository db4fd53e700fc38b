"""A signal log's SQLite file, only to be read, also while a service writes to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from attrs import frozen
from sqlite_utils import Database

from argo_adapters.sqlite import record
from argo_adapters.sqlite.connection import connect, translated
from argo_adapters.sqlite.schema import identify
from argo_core.errors import LogUnavailable, LogUnusable
from argo_core.ledger.note import Note
from argo_core.ledger.record import LoggedEntry

T = TypeVar("T")

BUSY_S = 5.0


@frozen
class LogFile:
    """The log in that file; use it inside `open_log_file`, one call at a time."""

    path: Path
    db: Database

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """As `SignalLog.entries`."""
        return await self._read(lambda: record.read_entries(self.db, start, stop))

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        """As `SignalLog.hashes`."""
        return await self._read(lambda: record.read_hashes(self.db, level, start, stop))

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        """As `SignalLog.checkpoint`."""
        return await self._read(
            lambda: record.read_checkpoint(self.db, self.path, cosigned=cosigned)
        )

    async def _read(self, ask: Callable[[], T]) -> T:
        def run() -> T:
            with translated(self.path):
                return ask()

        return await asyncio.to_thread(run)


@asynccontextmanager
async def open_log_file(path: Path) -> AsyncIterator[LogFile]:
    """The log in that file.

    Raises:
        LogUnavailable: it cannot be opened now.
        LogUnusable: it is no signal log, is newer than this program, or is damaged.
    """
    db = await asyncio.to_thread(connect_log_file, path)
    try:
        yield LogFile(path, db)
    finally:
        await asyncio.to_thread(db.close)


def connect_log_file(path: Path) -> Database:
    """A connection to read the log in that file with. Blocks.

    Raises:
        LogUnavailable: it cannot be opened now.
        LogUnusable: it is no signal log, is newer than this program, or is damaged.
    """
    with translated(path):
        if not path.exists():
            raise LogUnavailable(f"there is no log at {path}; name its file, or start it first")
        db = connect(path, read_only=True, busy_s=BUSY_S)
        try:
            if identify(db, path):
                return db
        except BaseException:
            db.close()
            raise
    db.close()
    raise LogUnusable(f"{path}: it is empty; name the file of a signal log")
