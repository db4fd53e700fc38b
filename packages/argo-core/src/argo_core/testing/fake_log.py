"""A signal log in memory that keeps every promise of the ports `SignalLog` and `SignalIndex`."""

from argo_core.errors import LogError
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.intake import Standing, follow, inspect
from argo_core.ledger.record import Batch, LoggedEntry, LogHead, SignalQuery
from argo_core.market.moment import to_micros

MAX_RANGE = 1_000


class FakeLog:
    """Set `failing` to an error, and every call raises it until it is None again."""

    def __init__(self) -> None:
        self.failing: LogError | None = None
        self._standing = Standing()
        self._entries: list[bytes] = []
        self._capsules: dict[str, bytes] = {}

    async def head(self) -> LogHead:
        self._fail()
        return self._standing.head()

    async def append(self, batch: Batch) -> LogHead:
        self._fail()
        inspected = inspect(batch)
        last = batch.first_index + len(batch.entries)
        stored = tuple(self._entries[batch.first_index : last]) if batch.first_index >= 0 else ()
        if not (batch.entries and stored == batch.entries):
            known = inspected.wanted & self._capsules.keys()
            self._standing = follow(self._standing, inspected, known)
            self._entries += batch.entries
            self._capsules |= batch.capsules
        return self._standing.head()

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        self._fail()
        first, last = max(0, start), min(stop, max(0, start) + MAX_RANGE, len(self._entries))
        return tuple(LoggedEntry(index, self._entries[index]) for index in range(first, last))

    async def capsule(self, sha256: str) -> bytes | None:
        self._fail()
        return self._capsules.get(sha256)

    async def find(self, query: SignalQuery) -> tuple[LoggedEntry, ...]:
        self._fail()
        found = [
            logged for logged, entry in self._signals() if _matches(query, logged.index, entry)
        ]
        return tuple(reversed(found))[: query.limit]

    async def latest(self) -> tuple[LoggedEntry, ...]:
        self._fail()
        newest = {entry.text("symbol"): logged for logged, entry in self._signals()}
        return tuple(newest[symbol] for symbol in sorted(newest))

    def _fail(self) -> None:
        if self.failing is not None:
            raise self.failing

    def _signals(self) -> list[tuple[LoggedEntry, Entry]]:
        decoded = [
            (LoggedEntry(index, data), decode_entry(data))
            for index, data in enumerate(self._entries)
        ]
        return [(logged, entry) for logged, entry in decoded if entry.kind == "signal"]


def _matches(query: SignalQuery, index: int, entry: Entry) -> bool:
    return (
        query.symbol in {None, entry.fields["symbol"]}
        and query.direction in {None, entry.fields["direction"]}
        and abs(entry.number("confidence_bp")) >= query.min_confidence_bp
        and (query.since is None or entry.decided_us >= to_micros(query.since))
        and (query.until is None or entry.decided_us < to_micros(query.until))
        and (query.before is None or index < query.before)
    )
