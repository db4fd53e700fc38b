"""One batch in the making: each entry gets the next place in the log and in the sequence."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from argo_core.codec.disclosure import commit_entry, reveal_entry, seal
from argo_core.codec.outcome import outcome_entry
from argo_core.codec.quiet import quiet_entry
from argo_core.codec.signal import signal_entry
from argo_core.codec.trade import trade_entry
from argo_core.engine.inputs import Hidden
from argo_core.engine.outcomes import Resolved
from argo_core.engine.quiet import Quiet
from argo_core.ledger.record import Batch, Sealed
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade


@frozen
class Names:
    """What every entry of this engine is written under: the log's origin and the strategy."""

    log: str
    strategy: str


class DraftBatch:
    """Entries from `size` and `next_seq` on; both grow with every entry that is added."""

    def __init__(self, names: Names, size: int, next_seq: int) -> None:
        self._names = names
        self._first = size
        self._next_seq = next_seq
        self._entries: list[bytes] = []
        self._capsules: dict[str, bytes] = {}
        self._sealed: dict[str, Sealed] = {}

    @property
    def size(self) -> int:
        """How long the log is with these entries."""
        return self._first + len(self._entries)

    @property
    def next_seq(self) -> int:
        """The sequence number after these entries."""
        return self._next_seq + len(self._entries)

    def batch(self) -> Batch:
        """What there is to append."""
        return Batch(self._first, tuple(self._entries), dict(self._capsules), dict(self._sealed))

    def add(self, entry: bytes) -> int:
        """Take an entry that was written with `next_seq`; its index."""
        self._entries.append(entry)
        return self.size - 1

    def quiet(self, quiet: Quiet) -> None:
        """Write a stretch of silence down."""
        self.add(
            quiet_entry(
                log=self._names.log,
                strategy=self._names.strategy,
                seq=self.next_seq,
                from_at=quiet.since,
                to_at=quiet.until,
                cycles=quiet.cycles,
                holds=quiet.holds,
                skips=quiet.skips,
                reasons=quiet.reasons,
            )
        )

    def open(self, signal: Signal, capsules: Mapping[str, bytes]) -> int:
        """Write a signal down for everybody; its index."""
        index = self.add(self._body(signal))
        self._capsules |= capsules
        return index

    def commit(
        self,
        signal: Signal,
        capsules: Mapping[str, bytes],
        reveal_key: bytes,
        reveal_after: datetime,
    ) -> Hidden:
        """Write down only a commitment to a signal."""
        log, strategy, seq = self._names.log, self._names.strategy, self.next_seq
        sealed = seal(self._body(signal), reveal_key, log=log, strategy=strategy, seq=seq)
        entry = commit_entry(
            sealed,
            log=log,
            strategy=strategy,
            seq=seq,
            decided_at=signal.decided_at,
            reveal_after=reveal_after,
        )
        self._capsules |= capsules
        self._sealed[sealed.commitment] = sealed
        return Hidden(self.add(entry), entry, sealed)

    def reveal(self, hidden: Hidden, now: datetime) -> None:
        """Show what was committed to."""
        self.add(
            reveal_entry(
                hidden.sealed,
                index=hidden.index,
                log=self._names.log,
                strategy=self._names.strategy,
                seq=self.next_seq,
                decided_at=now,
            )
        )

    def outcome(self, resolved: Resolved, now: datetime) -> None:
        """Write down what became of a signal."""
        self.add(
            outcome_entry(
                resolved.outcome,
                resolved.signal,
                index=resolved.index,
                log=self._names.log,
                strategy=self._names.strategy,
                seq=self.next_seq,
                decided_at=now,
            )
        )

    def trade(self, trade: Trade, now: datetime) -> int:
        """Write down what trading did; its index."""
        log, strategy = self._names.log, self._names.strategy
        return self.add(trade_entry(trade, log, strategy, self.next_seq, now))

    def _body(self, signal: Signal) -> bytes:
        return signal_entry(
            signal, log=self._names.log, strategy=self._names.strategy, seq=self.next_seq
        )
