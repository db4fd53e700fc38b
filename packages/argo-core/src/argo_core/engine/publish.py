"""From batches to durable entries, without ever losing a batch half-way."""

from argo_core.engine.inputs import Journal, Written, unrecorded
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import LogUnavailable
from argo_core.ledger.record import Batch, LogHead
from argo_core.ports import SignalLog, Tracer


class Publisher:
    """The one writer. A batch the log did not take is kept and offered again, byte for byte."""

    def __init__(
        self, log: SignalLog, journal: Journal = unrecorded, tracer: Tracer = UNTRACED
    ) -> None:
        self._log = log
        self._journal = journal
        self._tracer = tracer
        self._pending: Batch | None = None

    async def retry(self) -> LogHead | None:
        """Offer the batch that was not taken again; the new head, or None if there is no batch.

        Raises:
            LogError: it still is not.
        """
        return None if self._pending is None else await self.append(self._pending)

    async def append(self, batch: Batch) -> LogHead:
        """Append one batch.

        Raises:
            LogUnavailable: nothing was written; `retry` offers the batch again.
            LogError: the log cannot go on.
        """
        self._pending = batch
        try:
            with self._tracer.span("append", entries=len(batch.entries)):
                head = await self._log.append(batch)
        except LogUnavailable:
            raise
        except Exception:
            # Only a batch that may be offered again unchanged is worth keeping.
            self._pending = None
            raise
        self._pending = None
        self._journal(Written(batch.first_index, batch.entries))
        return head
