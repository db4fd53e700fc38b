"""A signal log in memory that keeps every promise of the ports `SignalLog` and `SignalIndex`."""

from collections.abc import Sequence

from attrs import evolve

from argo_core.errors import InvalidInput, LogError
from argo_core.ledger.checkpoint import sign_checkpoint
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.intake import Standing, Stored, follow, inspect
from argo_core.ledger.note import Note
from argo_core.ledger.record import (
    Batch,
    LoggedEntry,
    LoggedSignal,
    LogHead,
    Sealed,
    SignalQuery,
)
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.market.moment import to_micros
from argo_core.ports import Signer
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner

MAX_RANGE = 1_000


class FakeLog:
    """Set `failing` to an error, and every call raises it until it is None again."""

    def __init__(self, signer: Signer | None = None) -> None:
        self.failing: LogError | None = None
        self._signer: Signer = signer or FakeSigner(LOG)
        self._standing = Standing(self._signer.key.name)
        self._entries: list[bytes] = []
        self._rows: dict[int, list[bytes]] = {}
        self._capsules: dict[str, bytes] = {}
        self._sealed: dict[str, Sealed] = {}
        self._notes: dict[int, Note] = {}
        self._cosigned: dict[int, dict[VerifierKey, Cosignature]] = {}

    @property
    def key(self) -> VerifierKey:
        return self._signer.key

    async def head(self) -> LogHead:
        self._fail()
        return self._standing.head()

    async def append(self, batch: Batch) -> LogHead:
        self._fail()
        inspected = inspect(batch)
        last = batch.first_index + len(batch.entries)
        stored = tuple(self._entries[batch.first_index : last]) if batch.first_index >= 0 else ()
        if batch.entries and stored == batch.entries:
            return self._standing.head()
        wanted = [index for index in inspected.wanted_commits if index < len(self._entries)]
        found = Stored(
            inspected.wanted_capsules & self._capsules.keys(),
            {index: self._entries[index] for index in wanted},
        )
        self._standing, rows = follow(self._standing, inspected, found)
        self._entries += batch.entries
        for level, hashes in {0: inspected.leaves, **rows}.items():
            self._rows.setdefault(level, []).extend(hashes)
        self._capsules |= batch.capsules
        self._sealed |= batch.sealed
        if batch.entries:
            note = sign_checkpoint(self._standing.checkpoint(), self.key, self._signer.sign)
            self._notes[self._standing.frontier.size] = note
        return self._standing.head()

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        self._fail()
        first, last = max(0, start), min(stop, max(0, start) + MAX_RANGE, len(self._entries))
        return tuple(LoggedEntry(index, self._entries[index]) for index in range(first, last))

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        self._fail()
        first = max(0, start)
        # A negative stop would count from the end.
        last = max(0, min(stop, first + MAX_RANGE))
        return b"".join(self._rows.get(level, [])[first:last])

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        self._fail()
        sizes = self._cosigned if cosigned else self._notes
        if not sizes:
            return None
        newest = max(sizes)
        lines = [one.line for one in self._cosigned.get(newest, {}).values()]
        return self._notes[newest].with_lines(*lines)

    async def cosign(self, size: int, lines: Sequence[Cosignature]) -> None:
        self._fail()
        if size not in self._notes:
            raise InvalidInput("size", f"no checkpoint has {size}", "name one that was signed")
        if lines:
            kept = self._cosigned.setdefault(size, {})
            for one in lines:
                kept.setdefault(one.key, one)

    async def witnessed_at(self, index: int) -> int | None:
        self._fail()
        covering = [kept for size, kept in self._cosigned.items() if size > index]
        return min((one.time_s for kept in covering for one in kept.values()), default=None)

    async def capsule(self, sha256: str) -> bytes | None:
        self._fail()
        return self._capsules.get(sha256)

    async def sealed(self, commitment: str) -> Sealed | None:
        self._fail()
        return self._sealed.get(commitment)

    async def find(self, query: SignalQuery) -> tuple[LoggedSignal, ...]:
        self._fail()
        found = [one for one in self._seen(query.sealed, query.published) if _matches(query, one)]
        return tuple(reversed(found))[: query.limit]

    async def latest(
        self, *, sealed: bool = False, published: int | None = None
    ) -> tuple[LoggedSignal, ...]:
        self._fail()
        seen = self._seen(sealed, published)
        newest = {decode_entry(one.body).text("symbol"): one for one in seen}
        return tuple(newest[symbol] for symbol in sorted(newest))

    async def unresolved(self) -> tuple[LoggedSignal, ...]:
        self._fail()
        resolved = {entry.number("signal_index") for _, entry in self._of_kind("outcome")}
        return tuple(
            one
            for one in self._signals()
            if one.index not in resolved and decode_entry(one.body).fields["direction"] != "HOLD"
        )

    async def unrevealed(self) -> tuple[LoggedSignal, ...]:
        self._fail()
        return tuple(one for one in self._signals() if one.revealed is None)

    async def outcome(self, index: int) -> LoggedEntry | None:
        self._fail()
        for place, entry in self._of_kind("outcome"):
            if entry.number("signal_index") == index:
                return LoggedEntry(place, self._entries[place])
        return None

    def _fail(self) -> None:
        if self.failing is not None:
            raise self.failing

    def _of_kind(self, kind: str) -> list[tuple[int, Entry]]:
        decoded = enumerate(map(decode_entry, self._entries))
        return [(index, entry) for index, entry in decoded if entry.kind == kind]

    def _signals(self) -> list[LoggedSignal]:
        signals = [
            LoggedSignal(index, self._entries[index], self._entries[index], index)
            for index, _ in self._of_kind("signal")
        ]
        # Shown once is shown: of several reveals the first one counts.
        reveals = reversed(self._of_kind("reveal"))
        revealed = {entry.number("commit_index"): at for at, entry in reveals}
        for index, commit in self._of_kind("commit"):
            body = self._sealed[commit.text("commitment")].body
            signals.append(LoggedSignal(index, body, self._entries[index], revealed.get(index)))
        return sorted(signals, key=lambda one: one.index)

    def _seen(self, sealed: bool, published: int | None) -> list[LoggedSignal]:
        """What may be shown while only the first `published` entries are public."""
        bound = len(self._entries) if published is None else published
        shown = [one for one in self._signals() if one.index < bound]
        hidden = [one.revealed is None or one.revealed >= bound for one in shown]
        if not sealed:
            return [one for one, closed in zip(shown, hidden, strict=True) if not closed]
        return [
            evolve(one, revealed=None) if closed else one
            for one, closed in zip(shown, hidden, strict=True)
        ]


def _matches(query: SignalQuery, signal: LoggedSignal) -> bool:
    entry = decode_entry(signal.body)
    return (
        query.symbol in {None, entry.fields["symbol"]}
        and query.direction in {None, entry.fields["direction"]}
        and abs(entry.number("confidence_bp")) >= query.min_confidence_bp
        and (query.since is None or entry.decided_us >= to_micros(query.since))
        and (query.until is None or entry.decided_us < to_micros(query.until))
        and (query.before is None or signal.index < query.before)
    )
