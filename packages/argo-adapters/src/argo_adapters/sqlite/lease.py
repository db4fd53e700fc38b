"""The publisher's lease for processes of one machine, in a small file: the port `PublisherLease`.

Time is what has passed since the machine was started, which all its processes share, which nobody
sets, and which goes on while the machine sleeps. After another start every lease is over, and so is
that of a process that died: see `holders`. Only the file that a holder has locked tells of it; who
sees another one, or none, waits for the lease's end. Files that were moved away are made anew.
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
from argo_adapters.sqlite.holders import Holders, number_of
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

    def __init__(
        self, path: Path, now: Callable[[], float], boot: str, call_s: float, busy_s: float
    ) -> None:
        self._path = path
        self._now = now
        self._boot = boot
        self._call_s = call_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lease")
        self._busy_s = busy_s
        self._db: Database | None = None
        self._file: int | None = None
        self._holders: Holders | None = None
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
        lease = cls(path, now, this_boot, call_s, busy_s)
        try:
            await lease._run(lease._opened, OPEN_S)
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
        return await self._run(self._look, self._call_s)

    def _acquire(self, holder: str, ttl_s: float, above: int) -> Granted | Held:
        db, holders = self._opened()
        with transaction(db):
            if (held := self._held(db, holders)) is not None:
                return held
            (newest,) = db.execute("SELECT coalesce(max(token), 0) FROM lease").fetchone()
            token = max(int(newest), above) + 1
            # Whoever lost its lease with the file may still hold what it had there.
            while holders.lives(token):
                token += 1
            db.execute("DELETE FROM lease")
            row = [token, holder, self._boot, self._now() + ttl_s]
            db.execute("INSERT INTO lease VALUES (?, ?, ?, ?)", row)
            # Before anybody can see the lease without its holder.
            self._lock(db, holders, token)
            holders.drop(self._own)
            self._own = token
        return Granted(token)

    def _renew(self, token: int, ttl_s: float) -> bool:
        db, holders = self._opened()
        with transaction(db):
            # In files that were made anew the same number may be another's.
            if holders.lives(token):
                return False
            now = self._now()
            changed = db.execute(
                "UPDATE lease SET ends = ? WHERE token = ? AND boot = ? AND ends > ?",
                [now + ttl_s, token, self._boot, now],
            )
            if changed.rowcount:
                self._lock(db, holders, token)
            return bool(changed.rowcount)

    def _end(self, token: int) -> None:
        db, _ = self._opened()
        with transaction(db):
            db.execute("UPDATE lease SET ends = 0 WHERE token = ?", [token])

    def _look(self) -> Held | None:
        return self._held(*self._opened())

    def _held(self, db: Database, holders: Holders) -> Held | None:
        row = db.execute(
            "SELECT token, holder, boot, ends, file FROM lease LEFT JOIN locked USING (token)"
        ).fetchone()
        if row is None or row[3] <= (now := self._now()):
            return None
        token, holder, boot, ends, file = row
        if token != self._own:
            # A lock that we see is of our own kernel, whatever the start of it is called here.
            over = not holders.lives(token) if file == holders.file else boot != self._boot
            if over:
                return None
        return Held(holder, ends - now)

    def _lock(self, db: Database, holders: Holders, token: int) -> None:
        """Hold the lease's lock in the file that others find now, and say which one that is."""
        holders.hold(token)
        where = [token, holders.file]
        if not db.execute("SELECT 1 FROM locked WHERE token = ? AND file = ?", where).fetchone():
            db.execute("DELETE FROM locked")
            db.execute("INSERT INTO locked VALUES (?, ?)", where)

    async def _run(self, work: Callable[[], T], seconds: float) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._thread, work), seconds)
        except TimeoutError as error:
            problem = f"no answer within {seconds:g} s; check the disk"
            raise SharedAway(f"{self._path}: {problem}") from error
        except (sqlite3.Error, OSError) as error:
            raise SharedAway(f"{self._path}: {error}") from error

    def _opened(self) -> tuple[Database, Holders]:
        """Both files as others find them now, opened where they are not."""
        if self._db is not None and number_of(self._path) != self._file:
            self._db.close()
            self._db = None
        if self._db is None:
            self._db = _open(self._path, self._busy_s)
            self._file = number_of(self._path)
        if self._holders is None or self._holders.moved():
            before = self._holders
            self._holders = Holders(self._path.with_name(self._path.name + ".holders"))
            if before is not None:
                # Last, because the number of a file that nobody has open may be another's.
                before.close()
        return self._db, self._holders

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
        if self._holders is not None:
            self._holders.close()


def _open(path: Path, busy_s: float) -> Database:
    address = f"file:{quote(str(path.absolute()))}?mode=rwc"
    connection = sqlite3.connect(address, uri=True, timeout=busy_s, check_same_thread=False)
    db = Database(connection, execute_plugins=False)
    try:
        _prepare(db)
    except BaseException:
        db.close()
        raise
    return db


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
        # In which file the holder of that token has its lock.
        db.execute(
            "CREATE TABLE IF NOT EXISTS locked (token INTEGER NOT NULL, file INTEGER NOT NULL)"
            " STRICT"
        )
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
