"""The trading journal on SQLite: the port `TradingJournal`, never blocking the event loop.

A batch is acknowledged once its transaction is on the disk. Where nobody can say any more whether a
batch was written, because its call took too long or was given up, every later call is refused: what
was decided since would rest on a book that is not the file's. Opening it again tells.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from argo_adapters.file_lock import file_lock
from argo_adapters.sqlite.journal_file import JournalFile, said
from argo_core.errors import InvalidInput, InvalidSetting, JournalError
from argo_core.ledger.schema import WORD
from argo_core.trading.fact import Fact, Numbered

T = TypeVar("T")

BUSY_S = 1.0
CALL_S = 5.0
OPEN_S = 60.0
MOST = 10_000
"""So many facts are written or read at a time."""


class SqliteTradingJournal:
    """Open with `async with SqliteTradingJournal.open(path, account=...) as journal`."""

    def __init__(self, path: Path, call_s: float) -> None:
        self._path = path
        self._call_s = call_s
        self._doubtful = False
        self._held = ExitStack()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._file: JournalFile

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        *,
        account: str,
        call_s: float = CALL_S,
        busy_s: float = BUSY_S,
        open_s: float = OPEN_S,
    ) -> AsyncIterator["SqliteTradingJournal"]:
        """The journal of that broker's account in that file, made if it is not there.

        Raises:
            JournalError: another process writes to it, it is no trading journal, is newer than this
                program, was changed or is corrupt.
            InvalidSetting: it is another account's.
        """
        if not WORD.admits(account):
            problem = f"{account[:40]!r} names no account"
            raise InvalidSetting("trading.account", problem, f"give {WORD.says}")
        journal = cls(path, call_s)
        try:
            await journal._run(open_s, lambda: journal._open(account, busy_s))
            yield journal
        finally:
            try:
                # First in, first out: what was asked before is done before.
                await journal._run(open_s, journal._held.close)
            finally:
                journal._thread.shutdown(wait=False, cancel_futures=True)

    async def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        batch = tuple(facts)
        if len(batch) > MOST:
            raise InvalidInput("facts", f"{len(batch):,} at a time", f"give at most {MOST:,}")
        self._refuse_in_doubt()
        written = await self._run(self._call_s, lambda: self._file.append(batch), writes=True)
        # Whatever was written behind a batch in doubt is in doubt as well.
        self._refuse_in_doubt()
        return written

    async def facts(self, after: int = 0, limit: int = 1_000) -> tuple[Numbered, ...]:
        self._refuse_in_doubt()
        least = min(limit, MOST)
        return await self._run(self._call_s, lambda: self._file.facts(after, least))

    async def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        self._refuse_in_doubt()
        return await self._run(self._call_s, lambda: self._file.of_order(order_id))

    async def _run(self, seconds: float, work: Callable[[], T], *, writes: bool = False) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._thread, work), seconds)
        except TimeoutError as error:
            self._doubtful |= writes
            problem = f"no answer within {seconds:g} s; check the disk"
            raise JournalError(f"{self._path}: {problem}") from error
        except asyncio.CancelledError:
            self._doubtful |= writes
            raise

    def _refuse_in_doubt(self) -> None:
        if self._doubtful:
            problem = "nobody can say whether its last facts were written"
            raise JournalError(f"{self._path}: {problem}; start again, which reads it")

    def _open(self, account: str, busy_s: float) -> None:
        with said(self._path):
            self._held.enter_context(file_lock(self._path.with_name(self._path.name + ".lock")))
        self._file = JournalFile.open(self._path, account, busy_s)
        self._held.callback(self._file.close)
