"""What each vendor's day has cost, in a small file of its own: the port `SpendingBook`.

Every amount is on the disk before the call returns, so neither a crash nor a kill forgets one, and
processes that share the file count together.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlite_utils import Database

from argo_adapters.whole_amounts import from_whole, to_whole
from argo_core.consensus.opinion import SourceName
from argo_core.errors import SharedAway
from argo_core.resilience.budget import Amount

T = TypeVar("T")

APPLICATION_ID = 0x41726762  # "Argb"
BUSY_S = 1.0
CALL_S = 2.0

# Whole months stay readable for whoever wonders about a bill, and the file stays small.
KEPT_DAYS = 400

_BOOK = """
INSERT INTO spending (source, day, usd, tokens, calls)
VALUES (:source, :day, max(:usd, 0), max(:tokens, 0), max(:calls, 0))
ON CONFLICT (source, day) DO UPDATE SET
  usd = max(usd + :usd, 0), tokens = max(tokens + :tokens, 0), calls = max(calls + :calls, 0)
RETURNING usd, tokens, calls
"""


class SqliteSpendingBook:
    """Open with `async with SqliteSpendingBook.open(path) as book`."""

    def __init__(self, path: Path, call_s: float) -> None:
        self._path = path
        self._call_s = call_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spending")
        self._db: Database | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, call_s: float = CALL_S, busy_s: float = BUSY_S
    ) -> AsyncIterator["SqliteSpendingBook"]:
        """The book in that file, made if it is not there.

        Raises:
            SharedAway: it cannot be opened, or is not a book of spending.
        """
        book = cls(path, call_s)
        try:
            await book._run(lambda: book._open(busy_s))
            yield book
        finally:
            try:
                await book._run(book._close)
            finally:
                book._thread.shutdown(wait=False, cancel_futures=True)

    async def add(self, source: SourceName, day: date, amount: Amount) -> Amount:
        return await self._book(source, day, to_whole(amount))

    async def subtract(self, source: SourceName, day: date, amount: Amount) -> Amount:
        usd, tokens, calls = to_whole(amount, taken=True)
        return await self._book(source, day, (-usd, -tokens, -calls))

    async def _book(self, source: SourceName, day: date, numbers: tuple[int, int, int]) -> Amount:
        usd, tokens, calls = numbers
        values = {"source": str(source), "day": day.isoformat()}
        counts = {"usd": usd, "tokens": tokens, "calls": calls}
        return from_whole(await self._run(lambda: self._write(values | counts)))

    def _write(self, values: dict[str, str | int]) -> tuple[int, int, int]:
        assert self._db is not None  # noqa: S101 - nobody has the book before it is open
        with self._db.atomic():
            usd, tokens, calls = self._db.execute(_BOOK, values).fetchone()
        return usd, tokens, calls

    async def _run(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._thread, work), self._call_s)
        except TimeoutError as error:
            problem = f"no answer within {self._call_s:g} s; check the disk"
            raise SharedAway(f"{self._path}: {problem}") from error
        except sqlite3.Error as error:
            raise SharedAway(f"{self._path}: {error}") from error

    def _open(self, busy_s: float) -> None:
        address = f"file:{quote(str(self._path.absolute()))}?mode=rwc"
        connection = sqlite3.connect(address, uri=True, timeout=busy_s, check_same_thread=False)
        # Plugins that happen to be installed have no business in a book.
        db = Database(connection, execute_plugins=False)
        try:
            _prepare(db)
        except BaseException:
            db.close()
            raise
        self._db = db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()


def _prepare(db: Database) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID and (application or db.table_names()):
        raise sqlite3.DatabaseError("this database belongs to another program; choose another file")
    db.enable_wal()
    db.execute("PRAGMA synchronous = FULL")
    with db.atomic():
        columns = {"source": str, "day": str, "usd": int, "tokens": int, "calls": int}
        table = db.table("spending")
        table.create(columns, pk=("source", "day"), not_null=columns, if_not_exists=True)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        newest = db.execute("SELECT max(day) FROM spending").fetchone()[0]
        if newest is not None:
            first = date.fromisoformat(newest) - timedelta(days=KEPT_DAYS)
            db.execute("DELETE FROM spending WHERE day < ?", [first.isoformat()])
