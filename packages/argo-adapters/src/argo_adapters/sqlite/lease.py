"""The publisher's lease for processes of one machine, in a small file: the port `PublisherLease`.

Time is what has passed since the machine was started, which all its processes share, which nobody
sets, and which goes on while the machine sleeps. After another start every lease is over, and so is
that of a process that died: see `holders`.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlite_utils import Database

from argo_adapters.sqlite.connection import transaction
from argo_adapters.sqlite.holders import Holders
from argo_core.errors import SharedAway
from argo_core.resilience.door import positive
from argo_core.resilience.lease import Granted, Held

T = TypeVar("T")

APPLICATION_ID = 0x4172676C  # "Argl"
BUSY_S = 0.5
CALL_S = 1.0
OPEN_S = 10.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Which start of the machine this is. Blocks."""
    return _BOOT_ID.read_text("ascii").strip()


def since_boot() -> float:
    """Seconds since the machine was started, its sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SqliteLease:
    """Open with `async with SqliteLease.open(path) as lease`."""

    def __init__(self, path: Path, now: Callable[[], float], boot: str, call_s: float) -> None:
        self._path = path
        self._now = now
        self._boot = boot
        self._call_s = call_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lease")
        self._db: Database
        self._holders: Holders
        # The one that this object was granted last, 0 before the first.
        self._own = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        *,
        now: Callable[[], float] = since_boot,
        boot: str | None = None,
        call_s: float = CALL_S,
        busy_s: float = BUSY_S,
    ) -> AsyncIterator["SqliteLease"]:
        """The lease in that file, made if it is not there, and another beside it.

        Raises:
            SharedAway: it cannot be opened, or is another program's.
        """
        this_boot = await asyncio.to_thread(boot_id) if boot is None else boot
        lease = cls(path, now, this_boot, call_s)
        try:
            await lease._run(lambda: lease._open(busy_s), OPEN_S)
            try:
                yield lease
            finally:
                await lease._run(lease._close, OPEN_S)
        finally:
            lease._thread.shutdown(wait=False, cancel_futures=True)

    async def acquire(self, holder: str, ttl_s: float, above: int = 0) -> Granted | Held:
        positive("ttl_s", ttl_s)
        return await self._run(lambda: self._acquire(holder, ttl_s, above), self._call_s)

    async def renew(self, token: int, ttl_s: float) -> bool:
        positive("ttl_s", ttl_s)
        return await self._run(lambda: self._renew(token, ttl_s), self._call_s)

    async def release(self, token: int) -> None:
        await self._run(lambda: self._end(token), self._call_s)

    async def look(self) -> Held | None:
        return await self._run(self._held, self._call_s)

    def _acquire(self, holder: str, ttl_s: float, above: int) -> Granted | Held:
        with transaction(self._db):
            if (held := self._held()) is not None:
                return held
            (newest,) = self._db.execute("SELECT coalesce(max(token), 0) FROM lease").fetchone()
            token = max(int(newest), above) + 1
            self._db.execute("DELETE FROM lease")
            row = [token, holder, self._boot, self._now() + ttl_s]
            self._db.execute("INSERT INTO lease VALUES (?, ?, ?, ?)", row)
            # Before anybody can see the lease without its holder.
            self._holders.hold(token)
            self._holders.drop(self._own)
            self._own = token
        return Granted(token)

    def _renew(self, token: int, ttl_s: float) -> bool:
        with transaction(self._db):
            now = self._now()
            changed = self._db.execute(
                "UPDATE lease SET ends = ? WHERE token = ? AND boot = ? AND ends > ?",
                [now + ttl_s, token, self._boot, now],
            )
            return bool(changed.rowcount)

    def _end(self, token: int) -> None:
        with transaction(self._db):
            self._db.execute("UPDATE lease SET ends = 0 WHERE token = ?", [token])

    def _held(self) -> Held | None:
        row = self._db.execute("SELECT token, holder, boot, ends FROM lease").fetchone()
        if row is None or row[2] != self._boot or row[3] <= (now := self._now()):
            return None
        if row[0] != self._own and not self._holders.lives(row[0]):
            return None
        return Held(row[1], row[3] - now)

    async def _run(self, work: Callable[[], T], seconds: float) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._thread, work), seconds)
        except TimeoutError as error:
            problem = f"no answer within {seconds:g} s; check the disk"
            raise SharedAway(f"{self._path}: {problem}") from error
        except (sqlite3.Error, OSError) as error:
            raise SharedAway(f"{self._path}: {error}") from error

    def _open(self, busy_s: float) -> None:
        address = f"file:{quote(str(self._path.absolute()))}?mode=rwc"
        connection = sqlite3.connect(address, uri=True, timeout=busy_s, check_same_thread=False)
        db = Database(connection, execute_plugins=False)
        try:
            _prepare(db)
        except BaseException:
            db.close()
            raise
        self._db = db
        try:
            self._holders = Holders(self._path.with_name(self._path.name + ".holders"))
        except OSError:
            db.close()
            raise

    def _close(self) -> None:
        self._db.close()
        self._holders.close()


def _prepare(db: Database) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID and (application or db.table_names()):
        raise sqlite3.DatabaseError("this database belongs to another program; choose another file")
    # A lease outlives no start of the machine, so it need not wait for the disk.
    db.execute("PRAGMA synchronous = OFF")
    with transaction(db):
        db.execute(
            "CREATE TABLE IF NOT EXISTS lease"
            " (token INTEGER NOT NULL, holder TEXT NOT NULL, boot TEXT NOT NULL,"
            " ends REAL NOT NULL) STRICT"
        )
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
