"""Checking a whole signal log from its file, trusting nothing that the file says of itself."""

import sqlite3
from pathlib import Path

from attrs import frozen
from sqlite_utils import Database

from argo_adapters.sqlite.audit import Findings
from argo_adapters.sqlite.audit_entries import EntryAudit
from argo_adapters.sqlite.audit_holdings import audit_capsules, audit_leases, audit_sealed
from argo_adapters.sqlite.audit_tree import TreeAudit, audit_cosignatures
from argo_adapters.sqlite.connection import chunks, connect, snapshot, translated
from argo_adapters.sqlite.schema import identify, is_as_made
from argo_core.errors import LogUnusable
from argo_core.ledger.note import Verify
from argo_core.ledger.policy import Policy

BUSY_S = 5.0

_ENTRIES = """
SELECT e.idx, e.data, l.hash, s.idx, s.symbol, s.direction, s.magnitude_bp, s.decided_us
FROM entries e LEFT JOIN leaves l USING (idx) LEFT JOIN signals s USING (idx) ORDER BY e.idx
"""


@frozen
class Trust:
    """Whose signatures count, and what tells whether one is good."""

    policy: Policy
    check: Verify


@frozen
class Verification:
    """What was found: `root` is recomputed, in hexadecimal, over `size` entries.

    `problems` has at most twenty sentences, and none when all is well. All is well means that the
    file agrees with itself; only an earlier root kept elsewhere shows that its history is the same.
    `checkpoints` were recomputed, and where keys were given their signatures verified: then
    `signed` is true, and `cosigned_size` is the largest size that enough witnesses have cosigned.
    """

    size: int
    root: str
    problems: tuple[str, ...]
    checkpoints: int = 0
    signed: bool = False
    cosigned_size: int | None = None

    @property
    def verified(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def verify(path: Path, trust: Trust | None = None) -> Verification:
    """Read every row and check it: bytes, order, hashes, sequences, references, checkpoints.

    The read model is compared with what it was made of. Signatures are verified only where `trust`
    says with which keys. Blocking, for a thread of its own; a log that is being written to is
    checked as of now.

    Raises:
        LogUnavailable: the file cannot be read now.
        LogUnusable: it is no signal log, or of a newer version.
    """
    with translated(path):
        db = connect(path, read_only=True, busy_s=BUSY_S)
        try:
            if not identify(db, path):
                raise LogUnusable(f"{path}: it is empty; give the file of a signal log")
            # One transaction sees one state, whatever is appended meanwhile.
            with snapshot(db):
                return _audited(db, trust)
        finally:
            db.close()


def _audited(db: Database, trust: Trust | None) -> Verification:
    found = Findings()
    policy, check = (None, None) if trust is None else (trust.policy, trust.check)
    entries = EntryAudit(db, found)
    tree = TreeAudit(db, found, entries, None if policy is None else policy.log, check)
    cosigned_size = None
    try:
        for (answer,) in db.execute("PRAGMA integrity_check"):
            if answer != "ok":
                found.note(f"SQLite: {answer}")
        if not is_as_made(db):
            found.note("the tables or triggers were changed")
        tree.begin()
        for rows in chunks(db.execute(_ENTRIES)):
            for index, data, recorded, *row in rows:
                tree.add(entries.check(index, data, recorded, row if row[0] is not None else None))
        tree.finish()
        entries.finish()
        audit_capsules(db, found, entries.capsules, entries.welcome)
        audit_sealed(db, found, entries.commitments)
        audit_leases(db, found)
        cosigned_size = audit_cosignatures(db, found, policy, check)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        found.note(f"SQLite: {error}")
    except TypeError:
        # In a damaged file nothing may stand where a number must; in a sound one it may not.
        if not found.problems:
            raise
    return Verification(
        size=tree.frontier.size,
        root=tree.frontier.root().hex(),
        problems=tuple(found.problems),
        checkpoints=tree.checkpoints,
        signed=trust is not None,
        cosigned_size=cosigned_size,
    )
