"""Checking entries one by one as they go by, and the read model against them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from attrs import field, mutable
from sqlite_utils import Database

from argo_adapters.sqlite.audit import Findings
from argo_adapters.sqlite.read_model import read_body
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import EMPTY_ROOT, leaf_hash
from argo_core.ledger.read_rows import read_rows
from argo_core.ledger.references import References
from argo_core.ledger.verification import is_body_of


@mutable
class EntryAudit:
    """What the entries seen so far say, to compare with what is recorded of them."""

    db: Database
    found: Findings
    log: str | None = None
    references: References = field(factory=References)
    next_seq: Counter[str] = field(factory=Counter)
    last_decided_us: int | None = None
    signals: int = 0
    standing: dict[str, int] = field(factory=dict)
    revealed: dict[int, int | None] = field(factory=dict)
    outcomes: dict[int, int] = field(factory=dict)
    capsules: set[str] = field(factory=set)
    welcome: set[str] = field(factory=set)
    commitments: set[str] = field(factory=set)

    def check(self, index: int, data: Any, recorded: Any, row: Sequence[Any] | None) -> bytes:
        """The leaf hash of an entry, after noting what is wrong with it, its leaf and its row."""
        # A flipped bit can also change the type that SQLite reads.
        if type(data) is not bytes:
            self.found.note(f"entry {index} is not bytes")
            return EMPTY_ROOT
        hashed = leaf_hash(data)
        if hashed != recorded:
            self.found.note(f"entry {index} does not have the hash it was logged under")
        try:
            entry = decode_entry(data)
            self._follow(index, entry)
            wanted = self._row(index, entry)
        except InvalidInput as error:
            self.found.note(f"entry {index}: {error}")
            return hashed
        if wanted != (None if row is None else tuple(row)):
            self.found.note(f"entry {index} and its row in the table of signals disagree")
        return hashed

    def finish(self) -> None:
        """Compare the read model with all entries."""
        ask = self.db.execute
        sealed = "SELECT idx, revealed FROM signals WHERE revealed IS NOT idx"
        compared = {
            "signals": (self.signals, ask("SELECT count(*) FROM signals").fetchone()[0]),
            "newest signals": (self.standing, dict(ask("SELECT symbol, idx FROM standing"))),
            "reveals": (self.revealed, dict(ask(sealed))),
            "outcomes": (self.outcomes, dict(ask("SELECT signal_idx, idx FROM outcomes"))),
        }
        for name, (recomputed, stored) in compared.items():
            if recomputed != stored:
                self.found.note(f"the recorded {name} disagree with the entries")

    def _follow(self, index: int, entry: Entry) -> None:
        self.log = self.log or entry.log
        if entry.log != self.log:
            self.found.note(f"entry {index} belongs to the log {entry.log}, not {self.log}")
        wanted = self.next_seq[entry.strategy]
        if entry.seq != wanted:
            self.found.note(
                f"entry {index}: {entry.strategy} goes from seq {wanted - 1} to {entry.seq}"
            )
        self.next_seq[entry.strategy] = entry.seq + 1
        if self.last_decided_us is None or entry.decided_us > self.last_decided_us:
            self.last_decided_us = entry.decided_us
        for problem in self.references.follow(index, entry):
            self.found.note(f"entry {index}: {problem}")
        self._name_capsules(entry)

    def _name_capsules(self, told: Entry) -> None:
        for name, value in told.fields.items():
            if name == "inputs_sha256":
                self.capsules.add(str(value))
            elif name.startswith("raw_"):
                self.welcome.add(str(value))

    def _row(self, index: int, entry: Entry) -> tuple[Any, ...] | None:
        """What the read model must have of the entry, but for when it was revealed."""
        bodies: dict[str, Entry] = {}
        if entry.kind == "commit":
            digest = entry.text("commitment")
            self.commitments.add(digest)
            bodies[digest] = self._body(index, entry)
        rows = read_rows(index, [entry], bodies)
        for row in rows.signals:
            self.signals += 1
            self.standing[row.symbol] = index
            if row.revealed is None:
                self.revealed[index] = None
        # What was said first counts.
        for at in rows.reveals:
            if self.revealed.get(at, index) is None:
                self.revealed[at] = index
        for at in rows.outcomes:
            self.outcomes.setdefault(at, index)
        told = [
            (row.index, row.symbol, row.direction, row.magnitude_bp, row.decided_us)
            for row in rows.signals
        ]
        return told[0] if told else None

    def _body(self, index: int, commit: Entry) -> Entry:
        body = read_body(self.db, commit.text("commitment"))
        self._name_capsules(body)
        if not is_body_of(body, commit):
            self.found.note(f"entry {index} commits to what is not its signal")
        return body
