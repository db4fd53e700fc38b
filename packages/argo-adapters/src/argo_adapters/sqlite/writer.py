"""The only connection that writes to a signal log, in plain blocking calls, for one thread."""

import os
import socket
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from attrs import field, mutable
from sqlite_utils import Database

from argo_adapters.sqlite.connection import UNTIDY, connect, snapshot, transaction, translated
from argo_adapters.sqlite.read_model import index_entries, is_indexed, make_read_model
from argo_adapters.sqlite.record import read_capsule, read_fence
from argo_adapters.sqlite.schema import identify, is_as_made, make_tables
from argo_adapters.sqlite.standing import check_entries, check_tree, read_standing
from argo_core.errors import InvalidInput, LogFenced, LogUnusable
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.intake import Inspected, Standing, Stored, follow, inspect
from argo_core.ledger.merkle import Rows
from argo_core.ledger.record import Batch
from argo_core.ledger.stored_head import store_head
from argo_core.ledger.tile import hashes_at
from argo_core.ports import Signer

TAIL = 1_000
"""So many of the newest entries are hashed again when a log is opened."""
RECENT = 64
"""So many are hashed again before a checkpoint that covers them is signed."""

# The moment is for people to read: what counts is which number is the largest.
_LEASE = """
INSERT INTO leases
SELECT coalesce(max(token), 0) + 1, ?, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
FROM leases RETURNING token
"""


@mutable
class Writer:
    """Where the log stands, and the lease by which this process may move it on."""

    path: Path
    db: Database
    signer: Signer
    token: int = 0
    standing: Standing | None = field(default=None)

    @classmethod
    def open(
        cls, path: Path, signer: Signer, busy_s: float, *, after: int | None = None
    ) -> "Writer":
        """Open or make the file, check that what it says of itself is true, and take the lease.

        With `after` it is taken only if the newest lease is still that one.

        Raises:
            LogFenced: another lease was taken after that one.
            LogUnusable: it is foreign, newer, corrupt, of another key or name, or its parts
                contradict each other; it is as it was before.
            LogUnavailable: it cannot be opened now.
        """
        with translated(path):
            if path.exists():
                _look(path, busy_s)
            writer = cls(path, connect(path, read_only=False, busy_s=busy_s), signer)
            try:
                writer._begin(after)
            except BaseException:
                writer.close()
                raise
            return writer

    def current(self) -> Standing:
        """Where the log stands; read again if the last write may or may not have arrived."""
        if self.standing is None:
            with translated(self.path), snapshot(self.db):
                self.standing = read_standing(self.db, self.path, self.signer)
        return self.standing

    def append(self, batch: Batch) -> Standing:
        """Write the batch in one transaction and return where the log stands then."""
        inspected = inspect(batch)
        standing = self.current()
        with translated(self.path):
            if self._is_stored(batch):
                return standing
            following, rows = follow(standing, inspected, self._stored(inspected))
            if not batch.entries:
                return following
            # A commit that fails may still have reached the disk, so the state is only known again
            # once it has been read again.
            self.standing = None
            with transaction(self.db):
                self._check_lease()
                self._write(inspected, rows)
                added = index_entries(
                    self.db, batch.first_index, inspected.entries, inspected.bodies
                )
                # What is signed is what can be read back, in what was there before as well.
                size = following.frontier.size
                start = min(batch.first_index, size - RECENT)
                check_entries(self.db, self.path, start, size)
                self._write_head(following, added)
        self.standing = following
        return following

    def cosign(self, size: int, lines: Sequence[Cosignature]) -> None:
        """Keep cosignatures with the checkpoint of that size."""
        with translated(self.path), transaction(self.db):
            self._check_lease()
            if not self.db.execute("SELECT 1 FROM heads WHERE size = ?", [size]).fetchone():
                raise InvalidInput("size", f"no checkpoint has {size}", "name one that was signed")
            self.db.conn.executemany(
                "INSERT INTO cosignatures VALUES (?, ?, ?, ?)",
                [(size, str(one.key), one.time_s, str(one.line)) for one in lines],
            )

    def close(self) -> None:
        """Close the connection; the lease lapses when another takes one."""
        self.db.close()

    def _begin(self, after: int | None) -> None:
        db, path = self.db, self.path
        make_tables(db, path)
        db.execute("PRAGMA synchronous = FULL")
        # Whoever wrote until now must not write between the check and the lease.
        with transaction(db):
            if not is_as_made(db):
                problem = "its tables or triggers were changed"
                raise LogUnusable(f"{path}: {problem}; restore it from a copy")
            if after is not None and (newest := read_fence(db)) != after:
                problem = f"lease {newest} was taken after {after}"
                raise LogFenced(f"{path}: {problem}; stop, and leave the log to it")
            standing = read_standing(db, path, self.signer)
            check_tree(db, path, standing)
            check_entries(db, path, standing.frontier.size - TAIL, standing.frontier.size)
            if not is_indexed(db):
                make_read_model(db, path)
            holder = f"{socket.gethostname()} {os.getpid()}"
            (self.token,) = db.execute(_LEASE, [holder]).fetchone()
        self.standing = standing

    def _check_lease(self) -> None:
        newest = "SELECT token, holder FROM leases ORDER BY token DESC LIMIT 1"
        token, holder = self.db.execute(newest).fetchone() or (0, "nobody")
        if token != self.token:
            problem = f"{holder} has opened it since, with lease {token} after our {self.token}"
            raise LogFenced(f"{self.path}: {problem}; stop, and leave the log to it")

    def _is_stored(self, batch: Batch) -> bool:
        """Whether just these entries are in the log already, at just this place."""
        if not batch.entries:
            return False
        stored = self.db.execute(
            "SELECT data FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx",
            [batch.first_index, batch.first_index + len(batch.entries)],
        )
        return tuple(data for (data,) in stored) == batch.entries

    def _stored(self, inspected: Inspected) -> Stored:
        """What is here of what a batch refers to."""
        ask = "SELECT data FROM entries WHERE idx = ?"
        commits = {
            index: found[0]
            for index in inspected.wanted_commits
            if (found := self.db.execute(ask, [index]).fetchone()) is not None
        }
        wanted = inspected.wanted_capsules
        return Stored({one for one in wanted if read_capsule(self.db, one) is not None}, commits)

    def _write(self, inspected: Inspected, rows: Rows) -> None:
        batch, write = inspected.batch, self.db.conn.executemany
        write("INSERT INTO entries VALUES (?, ?)", enumerate(batch.entries, batch.first_index))
        write("INSERT INTO leaves VALUES (?, ?)", enumerate(inspected.leaves, batch.first_index))
        for level, nodes in rows.items():
            first = hashes_at(level, batch.first_index)
            numbered = ((level, index, node) for index, node in enumerate(nodes, first))
            write("INSERT INTO nodes VALUES (?, ?, ?)", numbered)
        write("INSERT INTO capsules VALUES (?, ?)", batch.capsules.items())
        sealed = batch.sealed.items()
        write(
            "INSERT INTO sealed VALUES (?, ?, ?)",
            ((digest, one.nonce, one.body) for digest, one in sealed),
        )

    def _write_head(self, following: Standing, signals: int) -> None:
        head = store_head(following, self.signer.key, self.signer.sign)
        self.db.execute(
            "INSERT INTO heads SELECT ?, ?, ?, ?, ?, ? + coalesce(max(signals), 0), ? FROM heads",
            [
                head.size,
                self.token,
                head.peaks,
                head.sequences,
                head.last_decided_us,
                signals,
                head.note,
            ],
        )


def _look(path: Path, busy_s: float) -> None:
    """Refuse a file that is not ours, read-only: it must not change by being looked at."""
    probe = connect(path, read_only=True, busy_s=busy_s)
    try:
        identify(probe, path)
    except sqlite3.OperationalError as error:
        # Found by killing a writer at its first writes: only who may write can read this.
        if error.sqlite_errorcode not in UNTIDY:
            raise
    finally:
        probe.close()
