"""From decisions to durable entries: numbering, batching, and never losing a batch half-way."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from argo_core.codec.quiet import quiet_entry
from argo_core.codec.signal import signal_entry
from argo_core.engine.quiet import Quiet
from argo_core.errors import LogUnavailable
from argo_core.ledger.record import Batch, LogHead
from argo_core.ports import SignalLog
from argo_core.signals.signal import Signal


@frozen
class Names:
    """What every entry of this engine is written under: the log's origin and the strategy."""

    log: str
    strategy: str


class Publisher:
    """The one writer. A batch the log did not take is kept and offered again, byte for byte."""

    def __init__(self, log: SignalLog, names: Names) -> None:
        self._log = log
        self._names = names
        self._head: LogHead | None = None
        self._pending: Batch | None = None

    async def open(self) -> LogHead:
        """Read where the log stands."""
        self._head = await self._log.head()
        return self._head

    async def retry(self) -> LogHead | None:
        """Offer the batch that was not taken again; the new head, or None if there is no batch.

        Raises:
            LogError: it still is not.
        """
        return None if self._pending is None else await self._append(self._pending)

    async def register(self, entry: bytes) -> LogHead:
        """Append one entry that was numbered with `next_seq`."""
        return await self._append(Batch((await self._current()).size, (entry,)))

    async def publish(
        self, signals: Sequence[Signal], capsules: Mapping[str, bytes], quiet: Quiet | None
    ) -> int:
        """Append the quiet slice, if any, then the signals, in one durable batch.

        Returns:
            The index of the first signal.

        Raises:
            LogUnavailable: nothing was written; `retry` offers the batch again.
            LogError: the log cannot go on.
        """
        head = await self._current()
        log, strategy, seq = self._names.log, self._names.strategy, await self.next_seq()
        entries = [] if quiet is None else [_quiet(quiet, log, strategy, seq)]
        first = head.size + len(entries)
        for signal in signals:
            number = seq + len(entries)
            entries.append(signal_entry(signal, log=log, strategy=strategy, seq=number))
        await self._append(Batch(head.size, tuple(entries), dict(capsules)))
        return first

    async def next_seq(self) -> int:
        """The strategy's next sequence number."""
        return (await self._current()).next_seq.get(self._names.strategy, 0)

    async def _current(self) -> LogHead:
        return self._head if self._head is not None else await self.open()

    async def _append(self, batch: Batch) -> LogHead:
        self._pending = batch
        try:
            self._head = await self._log.append(batch)
        except LogUnavailable:
            raise
        except Exception:
            # Only a batch that may be offered again unchanged is worth keeping.
            self._pending = None
            raise
        self._pending = None
        return self._head


def _quiet(quiet: Quiet, log: str, strategy: str, seq: int) -> bytes:
    return quiet_entry(
        log=log,
        strategy=strategy,
        seq=seq,
        from_at=quiet.since,
        to_at=quiet.until,
        cycles=quiet.cycles,
        holds=quiet.holds,
        skips=quiet.skips,
        reasons=quiet.reasons,
    )
