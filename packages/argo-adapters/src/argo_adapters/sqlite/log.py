"""The signal log on SQLite: the ports `SignalLog` and `SignalIndex`, never blocking the event loop.

One thread writes and one reads, each with its own connection. A batch is acknowledged once its
transaction is on the disk. A call that takes too long raises `LogUnavailable`, and may still be
carried out afterwards: offering the same batch again is safe, and settles what happened.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from argo_adapters.file_lock import file_lock
from argo_adapters.sqlite import store
from argo_adapters.sqlite.schema import connect, translated
from argo_core.errors import LogUnavailable
from argo_core.ledger.record import Batch, LoggedEntry, LogHead, SignalQuery

T = TypeVar("T")

BUSY_S = 1.0
CALL_S = 5.0
OPEN_S = 60.0


class SqliteLog:
    """Open with `async with SqliteLog.open(path) as log`."""

    def __init__(self, path: Path, call_s: float) -> None:
        self._path = path
        self._call_s = call_s
        self._held_to_write = ExitStack()
        self._held_to_read = ExitStack()
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="log-reader")
        self._writer: store.Writer
        self._reader: Database

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, call_s: float = CALL_S, busy_s: float = BUSY_S, open_s: float = OPEN_S
    ) -> AsyncIterator["SqliteLog"]:
        """The log in that file, made if it is not there, checked if it is.

        Raises:
            LogUnavailable: another process writes to it, or it cannot be opened now.
            LogUnusable: it is not a signal log, is newer than this program, or is corrupt.
        """
        log = cls(path, call_s)
        try:
            await log._run(log._writing, open_s, lambda: log._open_writer(busy_s))
            await log._run(log._reading, open_s, lambda: log._open_reader(busy_s))
            yield log
        finally:
            await log._close(open_s)

    async def head(self) -> LogHead:
        return (await self._run(self._writing, self._call_s, self._writer.current)).head()

    async def append(self, batch: Batch) -> LogHead:
        standing = await self._run(self._writing, self._call_s, lambda: self._writer.append(batch))
        return standing.head()

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        return await self._read(lambda db: store.read_entries(db, start, stop))

    async def capsule(self, sha256: str) -> bytes | None:
        return await self._read(lambda db: store.read_capsule(db, sha256))

    async def find(self, query: SignalQuery) -> tuple[LoggedEntry, ...]:
        return await self._read(lambda db: store.find_signals(db, query))

    async def latest(self) -> tuple[LoggedEntry, ...]:
        return await self._read(store.latest_signals)

    async def _read(self, ask: Callable[[Database], T]) -> T:
        def run() -> T:
            with translated(self._path):
                return ask(self._reader)

        return await self._run(self._reading, self._call_s, run)

    async def _run(self, thread: ThreadPoolExecutor, seconds: float, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(thread, work), seconds)
        except TimeoutError as error:
            problem = f"no answer within {seconds:g} s; check the disk, then try again"
            raise LogUnavailable(f"{self._path}: {problem}") from error

    def _open_writer(self, busy_s: float) -> None:
        held = self._held_to_write
        held.enter_context(file_lock(self._path.with_name(self._path.name + ".lock")))
        self._writer = store.Writer.open(self._path, busy_s)
        held.callback(self._writer.close)

    def _open_reader(self, busy_s: float) -> None:
        with translated(self._path):
            self._reader = connect(self._path, read_only=True, busy_s=busy_s)
        self._held_to_read.callback(self._reader.close)

    async def _close(self, seconds: float) -> None:
        try:
            # The queues are first in, first out: what was asked before is done before. The writer
            # goes last, because the last connection to close tidies the files up.
            await self._run(self._reading, seconds, self._held_to_read.close)
            await self._run(self._writing, seconds, self._held_to_write.close)
        finally:
            self._reading.shutdown(wait=False, cancel_futures=True)
            self._writing.shutdown(wait=False, cancel_futures=True)
