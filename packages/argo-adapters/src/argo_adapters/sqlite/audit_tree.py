"""Checking the tree over the entries: nodes, every checkpoint on the way, and who signed it."""

from collections.abc import Iterator
from typing import Any

from attrs import field, mutable
from sqlite_utils import Database

from argo_adapters.sqlite.audit import Findings
from argo_adapters.sqlite.audit_entries import EntryAudit
from argo_adapters.sqlite.connection import CHUNK
from argo_core.errors import InvalidInput
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.cosignature import Cosignature, check_cosignature
from argo_core.ledger.merkle import Frontier
from argo_core.ledger.note import Note, Verify, is_signed, parse_note, parse_signature_line
from argo_core.ledger.policy import Policy
from argo_core.ledger.stored_head import write_sequences
from argo_core.ledger.verifier_key import VerifierKey, parse_verifier_key

_HEADS = "SELECT size, peaks, sequences, last_decided_us, signals, note FROM heads ORDER BY size"


@mutable
class TreeAudit:
    """The tree over the entries added so far, compared with each checkpoint at its size."""

    db: Database
    found: Findings
    entries: EntryAudit
    key: VerifierKey | None
    check: Verify | None
    frontier: Frontier = Frontier()
    checkpoints: int = 0
    _pending: list[bytes] = field(factory=list)
    _nodes: dict[int, list[bytes]] = field(factory=dict)
    _heads: Iterator[Any] = iter(())
    _head: Any = None

    def begin(self) -> None:
        """Make ready to read the checkpoints beside the entries."""
        self._heads = iter(self.db.execute(_HEADS))
        self._head = next(self._heads, None)

    def add(self, hashed: bytes) -> None:
        """Add the next leaf, and check the checkpoint that ends with it if there is one."""
        self._pending.append(hashed)
        size = self.frontier.size + len(self._pending)
        if self._head is not None and self._head[0] <= size:
            self._fold()
            self._compare(*self._head)
            self._head = next(self._heads, None)
        elif len(self._pending) >= CHUNK:
            self._fold()

    def finish(self) -> None:
        """Compare what is recorded of the whole tree."""
        if self._pending:
            self.found.note(f"after {self.frontier.size} entries there is no checkpoint")
        self._fold()
        if self._head is not None:
            self.found.note(f"a checkpoint is of {self._head[0]} entries, and there are fewer")
        (leaves,) = self.db.execute("SELECT count(*) FROM leaves").fetchone()
        if leaves != self.frontier.size:
            self.found.note("the recorded leaves disagree with the entries")
        ends = self.db.execute("SELECT min(idx), max(idx) FROM entries").fetchone()
        if ends != ((0, self.frontier.size - 1) if self.frontier.size else (None, None)):
            self.found.note("the recorded indices disagree with the entries")
        computed = [
            (level, index, node)
            for level in sorted(self._nodes)
            for index, node in enumerate(self._nodes[level])
        ]
        stored = self.db.execute("SELECT level, idx, hash FROM nodes ORDER BY level, idx")
        if stored.fetchall() != computed:
            self.found.note("the recorded nodes disagree with the entries")

    def _fold(self) -> None:
        self.frontier, rows = self.frontier.grow(self._pending)
        self._pending.clear()
        for level, nodes in rows.items():
            self._nodes.setdefault(level, []).extend(nodes)

    def _compare(self, *head: Any) -> None:
        size, peaks, sequences, last_decided_us, signals, note = head
        self.checkpoints += 1
        recomputed = {
            "size": (size, self.frontier.size),
            "peaks": (peaks, b"".join(self.frontier.peaks)),
            "sequences": (sequences, write_sequences(self.entries.next_seq)),
            "newest decision": (last_decided_us, self.entries.last_decided_us),
            "number of signals": (signals, self.entries.signals),
        }
        for name, (recorded, wanted) in recomputed.items():
            if recorded != wanted:
                self.found.note(
                    f"the recorded {name} of checkpoint {size} disagree with the entries"
                )
        try:
            self._compare_note(size, note)
        except InvalidInput as error:
            self.found.note(f"checkpoint {size}: {error}")

    def _compare_note(self, size: int, data: Any) -> None:
        note = _note(data)
        log = self.entries.log or ""
        if note.text != Checkpoint(log, self.frontier.size, self.frontier.root()).text:
            self.found.note(f"checkpoint {size} is signed for another tree")
        if [line.name for line in note.signatures] != [log]:
            self.found.note(f"checkpoint {size} has other signatures than the log's own")
        if self.key is not None and self.check is not None:
            if self.key.name != log:
                self.found.note(f"the key is of {self.key.name}, and this is the log {log}")
            elif not is_signed(note, self.key, self.check):
                key = f"{self.key.name}+{self.key.key_id.hex()}"
                self.found.note(f"checkpoint {size} has no good signature by {key}")


def audit_cosignatures(
    db: Database, found: Findings, policy: Policy | None, check: Verify | None
) -> int | None:
    """Every cosignature is of a checkpoint and good; the largest size with enough of them.

    Without `check` only their form is looked at, and no size has enough.
    """
    largest, good = None, dict[int, list[Cosignature]]()
    rows = db.execute(
        "SELECT size, key, time_s, line, note FROM cosignatures LEFT JOIN heads USING (size) "
        "ORDER BY size"
    )
    for size, key, time_s, line, note in rows:
        try:
            cosignature = _cosignature(key, time_s, line, note, check)
        except InvalidInput as error:
            found.note(f"a cosignature of {size} entries: {error}")
            continue
        if cosignature is not None and policy is not None:
            # Sorted by size, so that only one size's are in hand.
            good = {size: [*good.get(size, []), cosignature]}
            if policy.is_met(good[size]):
                largest = size
    return largest


def _cosignature(
    key: str, time_s: int, line: str, note: Any, check: Verify | None
) -> Cosignature | None:
    """The cosignature that a row says there is; None where nothing can be verified.

    Raises:
        InvalidInput: the row contradicts itself, or its signature is bad.
    """
    text, parsed = _note(note).text, parse_signature_line(str(line))
    pinned = parse_verifier_key(str(key))
    if check is None:
        return None
    good = check_cosignature(text, parsed, pinned, check)
    if good is None or good.time_s != time_s:
        raise InvalidInput("line", "its signature is bad", "ask the witness what it cosigned")
    return good


def _note(data: Any) -> Note:
    # A flipped bit can also change the type that SQLite reads.
    if type(data) is not bytes:
        raise InvalidInput("note", "there is none", "restore it from a copy")
    return parse_note(data)
