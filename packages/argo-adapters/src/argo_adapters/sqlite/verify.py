"""Checking a whole signal log from its file, trusting nothing that the file says of itself."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from attrs import field, frozen, mutable
from sqlite_utils import Database

from argo_adapters.sqlite.schema import connect, identify, is_as_made, translated
from argo_adapters.sqlite.store import chunks, signal_row
from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash

BUSY_S = 5.0
MAX_PROBLEMS = 20


@frozen
class Verification:
    """What was found: `root` is recomputed, in hexadecimal, over `size` entries.

    `problems` has at most twenty sentences, and none when all is well. All is well means that the
    file agrees with itself; only an earlier root kept elsewhere shows that its history is the same.
    """

    size: int
    root: str
    problems: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def verify(path: Path) -> Verification:
    """Read every entry and check it: bytes, order, hashes, sequences, root, capsules, read model.

    Blocking, for a thread of its own; a log that is being written to is checked as of now.

    Raises:
        LogUnavailable: the file cannot be read now.
        LogUnusable: it is no signal log, or of a newer version.
    """
    with translated(path):
        db = connect(path, read_only=True, busy_s=BUSY_S)
        try:
            if not identify(db, path):
                raise LogUnusable(f"{path}: it is empty; give the file of a signal log")
            audit = _Audit(db)
            # One transaction sees one state, whatever is appended meanwhile.
            db.begin()
            try:
                audit.run()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                audit.note(f"SQLite: {error}")
        finally:
            db.close()
    return Verification(audit.frontier.size, audit.frontier.root().hex(), tuple(audit.problems))


@mutable
class _Audit:
    """Everything recomputed while the entries go by."""

    db: Database
    problems: list[str] = field(factory=list)
    frontier: Frontier = Frontier()
    log: str | None = None
    next_seq: Counter[str] = field(factory=Counter)
    last_decided_us: int | None = None
    capsules: set[str] = field(factory=set)
    signals: int = 0
    standing: dict[str, int] = field(factory=dict)

    def note(self, problem: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def run(self) -> None:
        for (answer,) in self.db.execute("PRAGMA integrity_check"):
            if answer != "ok":
                self.note(f"SQLite: {answer}")
        if not is_as_made(self.db):
            self.note("the tables or triggers were changed")
        joined = self.db.execute(
            "SELECT e.idx, e.data, l.hash, s.idx, s.symbol, s.direction, s.magnitude_bp, "
            "s.decided_us FROM entries e LEFT JOIN leaves l USING (idx) "
            "LEFT JOIN signals s USING (idx) ORDER BY e.idx"
        )
        for rows in chunks(joined):
            hashes = [self._checked(index, data, *found) for index, data, *found in rows]
            self.frontier = self.frontier.extend(hashes)
        self._compare_state()
        self._compare_capsules()

    def _checked(self, index: int, data: bytes, recorded: bytes | None, *row: Any) -> bytes:
        # A flipped bit can also change the type that SQLite reads.
        if type(data) is not bytes:
            self.note(f"entry {index} is not bytes")
            return EMPTY_ROOT
        hashed = leaf_hash(data)
        if hashed != recorded:
            self.note(f"entry {index} does not have the hash it was logged under")
        try:
            entry = decode_entry(data)
        except InvalidInput as error:
            self.note(f"entry {index}: {error}")
            return hashed
        self._follow(index, entry)
        indexed = row if row[0] is not None else None
        if signal_row(index, entry) != indexed:
            self.note(f"entry {index} and its row in the table of signals disagree")
        return hashed

    def _follow(self, index: int, entry: Entry) -> None:
        self.log = self.log or entry.log
        if entry.log != self.log:
            self.note(f"entry {index} belongs to the log {entry.log}, not {self.log}")
        if entry.seq != self.next_seq[entry.strategy]:
            wanted = self.next_seq[entry.strategy]
            self.note(f"entry {index}: {entry.strategy} goes from seq {wanted - 1} to {entry.seq}")
        self.next_seq[entry.strategy] = entry.seq + 1
        if self.last_decided_us is None or entry.decided_us > self.last_decided_us:
            self.last_decided_us = entry.decided_us
        if "inputs_sha256" in entry.fields:
            self.capsules.add(entry.text("inputs_sha256"))
        if entry.kind == "signal":
            self.signals += 1
            self.standing[entry.text("symbol")] = index

    def _compare_state(self) -> None:
        recomputed = {
            "indices": self.frontier.size and (0, self.frontier.size - 1),
            "leaves": self.frontier.size,
            "signals": self.signals,
            "newest signals": self.standing,
            "sequences": dict(self.next_seq),
            "state": (
                self.log,
                self.frontier.size,
                b"".join(self.frontier.peaks),
                self.last_decided_us,
                self.signals,
            )
            if self.frontier.size
            else None,
        }
        ask = self.db.execute
        stored = {
            "indices": self.frontier.size
            and ask("SELECT min(idx), max(idx) FROM entries").fetchone(),
            "leaves": ask("SELECT count(*) FROM leaves").fetchone()[0],
            "signals": ask("SELECT count(*) FROM signals").fetchone()[0],
            "newest signals": dict(ask("SELECT symbol, idx FROM standing")),
            "sequences": dict(ask("SELECT strategy, next_seq FROM sequences")),
            "state": ask("SELECT log, size, peaks, last_decided_us, signals FROM state").fetchone(),
        }
        for name, value in recomputed.items():
            if stored[name] != value:
                self.note(f"the recorded {name} disagree with the entries")

    def _compare_capsules(self) -> None:
        for rows in chunks(self.db.execute("SELECT sha256, data FROM capsules")):
            for digest, data in rows:
                if type(data) is not bytes or sha256_hex(data) != digest:
                    self.note(f"capsule {digest} has another hash")
                elif digest in self.capsules:
                    self.capsules.remove(digest)
                else:
                    self.note(f"capsule {digest} is named by no entry")
        for digest in sorted(self.capsules):
            self.note(f"capsule {digest} is missing")
