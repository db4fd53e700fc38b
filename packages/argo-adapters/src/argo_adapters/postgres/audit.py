"""What a verification compares: the entries with all that is recorded of them."""

import asyncio
from typing import Any

from attrs import field, mutable

from argo_adapters.postgres.audit_holdings import (
    audit_capsules,
    audit_cosignatures,
    audit_leases,
    audit_sealed,
)
from argo_adapters.postgres.link import Connection
from argo_adapters.postgres.read_model import rows_of
from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.auditor import LogAuditor
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.note import Verify, is_signed, parse_note
from argo_core.ledger.read_rows import ReadRows
from argo_core.ledger.stored_head import write_sequences
from argo_core.ledger.tile import Tile
from argo_core.ledger.verifier_key import VerifierKey

_HEADS = """
SELECT size, fence, peaks, sequences, last_decided_us, signals, note
FROM record.heads WHERE size > $1 AND size <= $2 ORDER BY size
"""
_HASHES = {
    True: "SELECT hash FROM record.leaves WHERE idx >= $1 AND idx < $2 ORDER BY idx",
    False: "SELECT hash FROM record.nodes WHERE level = $3 AND idx >= $1 AND idx < $2 ORDER BY idx",
}
_ROWS = """
SELECT idx, symbol, direction, magnitude_bp, decided_us, encode(commitment, 'hex')
FROM reading.signals WHERE idx >= $1 AND idx < $2 ORDER BY idx
"""
_BODIES = "SELECT body FROM record.sealed WHERE commitment = ANY ($1::bytea[])"
# What is told of the whole record at its end, by name.
_WHOLE = {
    "leaves": "SELECT count(*) FROM record.leaves",
    "nodes": "SELECT count(*) FROM record.nodes",
    "heads": "SELECT coalesce(max(size), 0) FROM record.heads",
    "signals": "SELECT count(*) FROM reading.signals",
    "marks of what has an outcome": (
        "SELECT count(*) FROM reading.signals s "
        "LEFT JOIN reading.outcomes o ON o.signal_idx = s.idx "
        "WHERE s.resolved IS DISTINCT FROM (o.idx IS NOT NULL)"
    ),
}
_PAIRS = {
    "newest signals": "SELECT symbol, idx FROM reading.standing",
    "reveals": "SELECT idx, revealed FROM reading.signals WHERE revealed IS DISTINCT FROM idx",
    "outcomes": "SELECT signal_idx, idx FROM reading.outcomes",
}


@mutable
class Audit:
    """Everything recomputed while the entries go by, beginning with the first."""

    connection: Connection
    key: VerifierKey
    check: Verify
    auditor: LogAuditor = field(init=False)
    _next_seq: dict[str, int] = field(factory=dict)
    _newest: int | None = None
    _fence: int = 1
    _nodes: int = 0
    _signals: int = 0
    _standing: dict[str, int] = field(factory=dict)
    _revealed: dict[int, int | None] = field(factory=dict)
    _outcomes: dict[int, int] = field(factory=dict)
    _capsules: set[str] = field(factory=set)
    _welcome: set[str] = field(factory=set)
    _commitments: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.auditor = LogAuditor(self.key.name)

    def note(self, problem: str) -> None:
        """Something is wrong."""
        self.auditor.note(problem)

    def problems(self) -> tuple[str, ...]:
        """The first that were noted, and how many more there are."""
        told = self.auditor.problems
        more = self.auditor.count - len(told)
        return (*told, f"and {more} more problems") if more else tuple(told)

    async def take(self, rows: list[tuple[int, bytes]]) -> None:
        """Check the next entries, and what is recorded of just these."""
        start = self.auditor.frontier.size
        if [index for index, _ in rows] != list(range(start, start + len(rows))):
            self.note(f"the entries from {start} on are not numbered one by one")
        entries = [data for _, data in rows]
        reading = await self._reading(rows, start)
        heads = await self.connection.fetch(_HEADS, start, start + len(entries))
        for head in heads:
            await self._follow(entries[self.auditor.frontier.size - start : head["size"] - start])
            await self._compare_head(head, reading)
        await self._follow(entries[self.auditor.frontier.size - start :])
        if reading is not None:
            self._remember(reading)

    async def finish(self) -> None:
        """Compare what is recorded of the whole log."""
        for tile, expected in self.auditor.rest():
            await self._compare_tile(tile, expected)
        size = self.auditor.frontier.size
        whole = dict.fromkeys(_WHOLE, 0) | {
            "leaves": size,
            "nodes": self._nodes,
            "heads": size,
            "signals": self._signals,
        }
        for name, query in _WHOLE.items():
            if await self.connection.fetchval(query) != whole[name]:
                self.note(f"the recorded {name} disagree with the entries")
        pairs: dict[str, dict[Any, Any]] = {
            "newest signals": self._standing,
            "reveals": self._revealed,
            "outcomes": self._outcomes,
        }
        for name, query in _PAIRS.items():
            if dict(map(tuple, await self.connection.fetch(query))) != pairs[name]:
                self.note(f"the recorded {name} disagree with the entries")
        await audit_capsules(self.connection, self.note, self._capsules, self._welcome)
        await audit_sealed(self.connection, self.note, self._commitments)
        await audit_leases(self.connection, self.note, self._fence)
        await audit_cosignatures(self.connection, self.note, self.check)

    async def _follow(self, entries: list[bytes]) -> None:
        for data in entries:
            try:
                entry = decode_entry(data)
            except InvalidInput:
                # The auditor says so below.
                continue
            self._next_seq[entry.strategy] = entry.seq + 1
            self._newest = max(entry.decided_us, self._newest or entry.decided_us)
            self._name(entry)
        complete = await asyncio.to_thread(self.auditor.take, entries)
        for tile, expected in complete:
            await self._compare_tile(tile, expected)

    def _name(self, entry: Entry) -> None:
        for name, value in entry.fields.items():
            if name == "inputs_sha256":
                self._capsules.add(str(value))
            elif name.startswith("raw_"):
                self._welcome.add(str(value))
        if entry.kind == "commit":
            self._commitments.add(entry.text("commitment"))

    async def _compare_tile(self, tile: Tile, expected: bytes) -> None:
        level = tile.level or 0
        asked = (tile.start, tile.stop) if level == 0 else (tile.start, tile.stop, level)
        found = await self.connection.fetch(_HASHES[level == 0], *asked)
        self.auditor.compare_tile(tile, expected, b"".join(row[0] for row in found))
        self._nodes += tile.width if level else 0

    async def _reading(self, rows: list[tuple[int, bytes]], start: int) -> ReadRows | None:
        """What these entries add to the read model, compared with what is there."""
        try:
            reading = await rows_of(self.connection, "the record", start, start + len(rows))
        except LogUnusable as error:
            self.note(str(error))
            return None
        commits = [bytes.fromhex(one.commitment) for one in reading.signals if one.commitment]
        for (body,) in await self.connection.fetch(_BODIES, commits):
            self._name(decode_entry(body))
        stored = {
            row[0]: tuple(row)
            for row in await self.connection.fetch(_ROWS, start, start + len(rows))
        }
        wanted = {
            one.index: (
                one.index,
                one.symbol,
                one.direction,
                one.magnitude_bp,
                one.decided_us,
                one.commitment,
            )
            for one in reading.signals
        }
        for index in sorted(stored.keys() | wanted.keys()):
            if stored.get(index) != wanted.get(index):
                self.note(f"entry {index} and its row in the table of signals disagree")
        return reading

    def _remember(self, reading: ReadRows) -> None:
        self._signals += len(reading.signals)
        self._standing |= reading.newest()
        self._revealed |= {one.index: None for one in reading.signals if one.revealed is None}
        for index, at in reading.reveals.items():
            if self._revealed.get(index, at) is None:
                self._revealed[index] = at
        for index, at in reading.outcomes.items():
            self._outcomes.setdefault(index, at)

    async def _compare_head(self, head: Any, reading: ReadRows | None) -> None:
        size, frontier = head["size"], self.auditor.frontier
        here = reading.signals if reading else ()
        signals = self._signals + sum(one.index < size for one in here)
        recomputed = {
            "size": frontier.size,
            "peaks": b"".join(frontier.peaks),
            "sequences": write_sequences(self._next_seq),
            "last_decided_us": self._newest,
            "signals": signals,
        }
        for name, wanted in recomputed.items():
            if head[name] != wanted:
                self.note(f"the recorded {name} of checkpoint {size} disagree with the entries")
        if head["fence"] < self._fence:
            self.note(f"the checkpoint of {size} entries was written under an old lease")
        self._fence = head["fence"]
        try:
            note = parse_note(head["note"])
        except InvalidInput as error:
            self.note(f"checkpoint {size}: {error}")
            return
        if note.text != Checkpoint(self.key.name, frontier.size, frontier.root()).text:
            self.note(f"checkpoint {size} is signed for another tree")
        if len(note.signatures) != 1 or not await asyncio.to_thread(
            is_signed, note, self.key, self.check
        ):
            key = f"{self.key.name}+{self.key.key_id.hex()}"
            self.note(f"checkpoint {size} has no good signature by {key} alone")
