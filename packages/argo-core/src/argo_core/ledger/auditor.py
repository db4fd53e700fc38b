"""Checking a whole log, entry by entry in order, from the bytes alone.

It does no I/O and keeps what grows slowly: the frontier, the tiles under way, the sequences, and
what entries leave open for later ones. Feed it every entry, then ask it for a report.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from argo_core.errors import InvalidInput
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.references import References
from argo_core.ledger.tile import WIDTH, Tile, hashes_at
from argo_core.ledger.verdict import Report, Verdict
from argo_core.ledger.witnessed import Witnessed
from argo_core.market.moment import to_micros

MAX_PROBLEMS = 20
_MAX_LISTED = 8
_UNSIGNED = "Whose record it is: you pinned no key, so anybody could have made it."


class LogAuditor:
    """Recomputes everything that can be, and compares it with what the log says of itself.

    `kept` are checkpoints, signed by the log, that the reader has from elsewhere or from earlier:
    this log must have had their roots at their sizes.
    """

    def __init__(self, log: str, kept: Iterable[Checkpoint] = ()) -> None:
        self.frontier = Frontier()
        self.problems: list[str] = []
        self.count = 0
        self._log = log
        self._kept = sorted(kept, key=lambda one: one.size)
        self._agreed: list[Checkpoint] = []
        self._rows: dict[int, list[bytes]] = {}
        self._next_seq: dict[str, int] = {}
        self._references = References()
        self._tiles = 0

    def note(self, problem: str) -> None:
        """Something is wrong; the first few problems are kept, the others counted."""
        self.count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def take(self, entries: Sequence[bytes]) -> tuple[tuple[Tile, bytes], ...]:
        """Check the next entries; gives the tiles that they complete, with the bytes they have."""
        for index, data in enumerate(entries, start=self.frontier.size):
            for problem in self._look(index, data):
                self.note(f"entry {index}: {problem}")
        complete: list[tuple[Tile, bytes]] = []
        leaves = list(map(leaf_hash, entries))
        while leaves:
            # A root is known only between two leaves, so the walk stops where one was kept.
            size = self.frontier.size
            steps = (one.size - size for one in self._kept if one.size > size)
            step = next(steps, len(leaves))
            now, leaves = leaves[:step], leaves[step:]
            self.frontier, rows = self.frontier.grow(now)
            complete += self._full_tiles({0: now, **rows})
            self._agree()
        return tuple(complete)

    def rest(self) -> tuple[tuple[Tile, bytes], ...]:
        """The last tile of each level, where it is not full, with the bytes it has."""
        return tuple(
            (Tile(level, self._tile_index(level), len(row)), b"".join(row))
            for level, row in sorted(self._rows.items())
            if row
        )

    def compare_tile(self, tile: Tile, expected: bytes, served: bytes) -> None:
        """Note if a tile was served with other bytes than the entries give it."""
        if served == expected:
            self._tiles += 1
        elif len(served) != len(expected):
            self.note(f"{tile.path}: it has {len(served)} bytes instead of {len(expected)}")
        else:
            at = next(i for i in range(len(served)) if served[i] != expected[i]) // HASH_BYTES
            self.note(f"{tile.path}: hash {at} is not what the entries give")

    def report(self, head: Checkpoint, now: datetime, witnessed: Witnessed | None = None) -> Report:
        """What all of it comes to, once every entry under the checkpoint `head` was taken.

        `witnessed` is the same checkpoint with its good signatures, where a reader pins keys.
        """
        if head.origin != self._log:
            self.note(f"the checkpoint is of {head.origin}, not of {self._log}")
        if self.frontier.size != head.size:
            self.note(f"there are {self.frontier.size} entries, the checkpoint says {head.size}")
        elif self.frontier.root() != head.root:
            self.note(f"the {head.size} entries have another root than the checkpoint says")
        for kept in self._kept:
            if kept.size > self.frontier.size:
                self.note(
                    f"you kept a checkpoint of {kept.size} entries and are shown"
                    f" {self.frontier.size}: it was rolled back, or an old state is replayed"
                )
        if self.problems:
            more = self.count - len(self.problems)
            shown = (*self.problems, f"and {more} more problems") if more else self.problems
            return Report(Verdict.REFUTED, tuple(shown))
        proved: tuple[str, ...] = ()
        unproved: tuple[str, ...] = (_UNSIGNED,)
        if witnessed is not None:
            proved, unproved = witnessed.proved(), witnessed.unproved()
        proved, unproved = (*proved, *self._proved()), (*unproved, *self._unproved(now))
        return Report(Verdict.GOOD, (), proved, unproved)

    def _look(self, index: int, data: bytes) -> Iterable[str]:
        try:
            entry = decode_entry(data)
        except InvalidInput as error:
            yield str(error)
            return
        if entry.log != self._log:
            yield f"it bears the name of {entry.log}, not {self._log}"
        yield from self._number(entry)
        yield from self._references.follow(index, entry)

    def _number(self, entry: Entry) -> Iterable[str]:
        expected = self._next_seq.get(entry.strategy, 0)
        if entry.seq != expected:
            yield f"{entry.strategy} should be at seq {expected}, it has {entry.seq}"
        self._next_seq[entry.strategy] = entry.seq + 1

    def _full_tiles(self, rows: dict[int, Sequence[bytes]]) -> Iterable[tuple[Tile, bytes]]:
        for level, hashes in rows.items():
            row = self._rows.setdefault(level, [])
            first = self._tile_index(level, hashes)
            row += hashes
            for number in range(len(row) // WIDTH):
                full = row[number * WIDTH : (number + 1) * WIDTH]
                yield Tile(level, first + number), b"".join(full)
            del row[: len(row) // WIDTH * WIDTH]

    def _tile_index(self, level: int, coming: Sequence[bytes] = ()) -> int:
        """The index of the tile under way, before the `coming` hashes that the frontier has."""
        return (hashes_at(level, self.frontier.size) - len(coming)) // WIDTH

    def _agree(self) -> None:
        """Compare with what the reader kept of a log of this size."""
        for kept in self._kept:
            if kept.size != self.frontier.size:
                continue
            if kept.root == self.frontier.root():
                self._agreed.append(kept)
            else:
                self.note(
                    f"the checkpoint of {kept.size} entries that you kept has another root: the"
                    " log signed two histories, and both checkpoints are the evidence"
                )

    def _proved(self) -> Iterable[str]:
        refs = self._references
        yield f"All {self.frontier.size} entries together have the root of the checkpoint."
        if self._tiles:
            yield f"The tiles served, {self._tiles} in all, are those of these entries."
        yield "Each entry is canonical, of a known kind, and bears the log's name."
        sequences = [f"{name} 0 to {seq - 1}" for name, seq in sorted(self._next_seq.items())]
        if sequences:
            more = len(sequences) - _MAX_LISTED
            shown = ", ".join(sequences[:_MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
            yield f"No sequence number is missing or twice there: {shown}."
        if refs.reveals:
            yield f"Each reveal, {refs.reveals} in all, opens the commit it names."
        if refs.outcomes:
            yield f"Each outcome, {refs.outcomes} in all, names one signal, and no signal has two."
        for one in self._agreed:
            yield f"The history of {one.size} entries that you kept is its beginning."

    def _unproved(self, now: datetime) -> Iterable[str]:
        refs = self._references
        if not self._agreed:
            yield (
                "That it is the history that others were shown before: you kept no earlier"
                " checkpoint to compare with."
            )
        if refs.unregistered:
            yield (
                "That the rules were said beforehand: not registered before their first signal"
                f" were {', '.join(sorted(refs.unregistered)[:_MAX_LISTED])}."
            )
        if refs.sealed:
            count, overdue = len(refs.sealed), refs.overdue(to_micros(now))
            yield (
                f"What is still sealed, {count} in all; of those {overdue} are past the moment at"
                " which they were to be revealed, and count as the worst case."
            )
        if refs.ahead:
            count = len(refs.ahead)
            yield f"That outcomes of signals still sealed, {count} in all, name them rightly."
        yield (
            "When entries were decided: that is the operator's clock; a witness's time is when"
            " they were there at the latest."
        )
        yield (
            "That vendors said it, that it was true, and that the prices of outcomes are right:"
            " the log shows what was published."
        )
