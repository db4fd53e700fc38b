"""The signal log on SQLite: the ports `SignalLog` and `SignalIndex`, never blocking the event loop.

One thread writes and one reads, each with its own connection. A log that is opened to be read may
be opened for writing and closed for it again, beside other processes that do the same. A batch is
acknowledged once its transaction is on the disk. A call that takes too long raises
`LogUnavailable`, and may still be carried out afterwards: offering the same batch again is safe,
and settles what happened.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from argo_adapters.file_lock import file_lock
from argo_adapters.sqlite import record, search
from argo_adapters.sqlite.connection import connect, snapshot, translated
from argo_adapters.sqlite.making import make_log
from argo_adapters.sqlite.standing import read_standing
from argo_adapters.sqlite.writer import Writer
from argo_core.errors import LogFenced, LogUnavailable
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.note import Note
from argo_core.ledger.record import (
    Batch,
    LoggedEntry,
    LoggedSignal,
    LogHead,
    Sealed,
    SignalQuery,
)
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.ports import Signer

T = TypeVar("T")

BUSY_S = 1.0
CALL_S = 5.0
OPEN_S = 60.0


class SqliteLog:
    """Open with `async with SqliteLog.open(path, signer) as log`."""

    def __init__(self, path: Path, signer: Signer, call_s: float, busy_s: float) -> None:
        self._path = path
        self._signer = signer
        self._call_s = call_s
        self._busy_s = busy_s
        self._held_to_write = ExitStack()
        self._held_to_read = ExitStack()
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="log-reader")
        self._writer: Writer | None = None
        self._reader: Database

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        signer: Signer,
        *,
        writing: bool = True,
        call_s: float = CALL_S,
        busy_s: float = BUSY_S,
        open_s: float = OPEN_S,
    ) -> AsyncIterator["SqliteLog"]:
        """The log in that file, made if it is not there, checked if it is.

        It bears the name of the signer's key, and every checkpoint in it is signed with that key.
        Without `writing` other processes may have it open as well, and one of them may write; who
        that is, `begin_writing` and the newest lease decide. With it there is no other process.

        Raises:
            LogUnavailable: another process writes to it, or it cannot be opened now.
            LogUnusable: it is not a signal log, is newer than this program, is corrupt, or is of
                another key or name.
        """
        log = cls(path, signer, call_s, busy_s)
        try:
            await log._run(log._writing, open_s, lambda: log._hold(alone=writing))
            if writing:
                await log._run(log._writing, open_s, lambda: log._open_writer(None))
            else:
                await log._run(log._writing, open_s, lambda: make_log(path, busy_s))
            await log._run(log._reading, open_s, log._open_reader)
            yield log
        finally:
            await log._close(open_s)

    @property
    def key(self) -> VerifierKey:
        return self._signer.key

    @property
    def fence(self) -> int | None:
        """The number of the lease by which this process writes; None while it only reads."""
        return None if self._writer is None else self._writer.token

    async def newest_fence(self) -> int:
        """The number of the newest lease of all; 0 before the first."""
        return await self._read(record.read_fence)

    async def begin_writing(self, after: int) -> int:
        """Check the log and take the next lease, if the newest is still `after`; its number.

        Raises:
            LogFenced: another process has taken one since.
            LogError: as for opening.
        """
        await self._run(self._writing, OPEN_S, lambda: self._open_writer(after))
        return await self._write(lambda writer: writer.token)

    async def end_writing(self) -> None:
        """Only read from now on; what was asked before is done before."""
        await self._run(self._writing, OPEN_S, self._close_writer)

    async def head(self) -> LogHead:
        if self._writer is not None:
            return (await self._write(Writer.current)).head()

        def standing(db: Database) -> LogHead:
            with snapshot(db):
                return read_standing(db, self._path, self._signer).head()

        return await self._read(standing)

    async def append(self, batch: Batch) -> LogHead:
        return (await self._write(lambda writer: writer.append(batch))).head()

    async def cosign(self, size: int, lines: Sequence[Cosignature]) -> None:
        await self._write(lambda writer: writer.cosign(size, lines))

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        return await self._read(lambda db: record.read_entries(db, start, stop))

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        return await self._read(lambda db: record.read_hashes(db, level, start, stop))

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        return await self._read(
            lambda db: record.read_checkpoint(db, self._path, cosigned=cosigned)
        )

    async def witnessed_at(self, index: int) -> int | None:
        return await self._read(lambda db: record.read_witnessed_at(db, index))

    async def capsule(self, sha256: str) -> bytes | None:
        return await self._read(lambda db: record.read_capsule(db, sha256))

    async def sealed(self, commitment: str) -> Sealed | None:
        return await self._read(lambda db: record.read_sealed(db, commitment))

    async def find(self, query: SignalQuery) -> tuple[LoggedSignal, ...]:
        return await self._read(lambda db: search.find_signals(db, self._path, query))

    async def latest(
        self, *, sealed: bool = False, published: int | None = None
    ) -> tuple[LoggedSignal, ...]:
        return await self._read(
            lambda db: search.latest_signals(db, self._path, sealed=sealed, published=published)
        )

    async def unresolved(self) -> tuple[LoggedSignal, ...]:
        return await self._read(lambda db: search.unresolved_signals(db, self._path))

    async def unrevealed(self) -> tuple[LoggedSignal, ...]:
        return await self._read(lambda db: search.unrevealed_signals(db, self._path))

    async def outcome(self, index: int) -> LoggedEntry | None:
        return await self._read(lambda db: search.find_outcome(db, index))

    async def _write(self, work: Callable[[Writer], T]) -> T:
        def run() -> T:
            if self._writer is None:
                problem = "it is open for reading only"
                raise LogFenced(f"{self._path}: {problem}; leave writing to who holds the lease")
            return work(self._writer)

        return await self._run(self._writing, self._call_s, run)

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

    def _hold(self, *, alone: bool) -> None:
        lock = file_lock(self._path.with_name(self._path.name + ".lock"), shared=not alone)
        self._held_to_write.enter_context(lock)
        self._held_to_write.callback(self._close_writer)

    def _open_writer(self, after: int | None) -> None:
        self._close_writer()
        self._writer = Writer.open(self._path, self._signer, self._busy_s, after=after)

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _open_reader(self) -> None:
        # Beside others it may be the first to come after one that was killed, and has to tidy up.
        alone = self._writer is not None
        with translated(self._path):
            self._reader = connect(self._path, read_only=alone, busy_s=self._busy_s)
            self._held_to_read.callback(self._reader.close)
            self._reader.execute("PRAGMA query_only = ON")

    async def _close(self, seconds: float) -> None:
        try:
            # The queues are first in, first out: what was asked before is done before. The writer
            # goes last, because the last connection to close tidies the files up.
            await self._run(self._reading, seconds, self._held_to_read.close)
            await self._run(self._writing, seconds, self._held_to_write.close)
        finally:
            self._reading.shutdown(wait=False, cancel_futures=True)
            self._writing.shutdown(wait=False, cancel_futures=True)
