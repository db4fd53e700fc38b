"""From batches to durable entries, without ever losing a batch half-way."""

from argo_core.engine.inputs import Written
from argo_core.engine.outside import Outside
from argo_core.errors import LogUnavailable
from argo_core.ledger.record import Batch, LogHead


class Publisher:
    """The one writer: what it has made durable it offers to witnesses.

    A batch the log did not take is kept and offered to it again, byte for byte. Nothing is added to
    another's log, nor to a history that a witness knows otherwise.
    """

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._pending: Batch | None = None

    async def retry(self) -> LogHead | None:
        """Offer the batch that was not taken again; the new head, or None if there is no batch.

        Raises:
            LogError: it still is not, or nothing may be written any more.
        """
        self._refuse_to_fork()
        return None if self._pending is None else await self._put(self._pending)

    async def append(self, batch: Batch) -> LogHead | None:
        """Append one batch; the new head, or None if there is nothing in the batch.

        Raises:
            LogUnavailable: nothing was written; `retry` offers the batch again.
            LogError: the log cannot go on, or nothing may be written any more.
        """
        if not batch.entries:
            return None
        self._refuse_to_fork()
        return await self._put(batch)

    def _refuse_to_fork(self) -> None:
        self._outside.refuse_to_write()
        publication = self._outside.publication
        behind = publication.behind if publication else None
        if behind is not None:
            raise behind

    async def _put(self, batch: Batch) -> LogHead:
        self._pending = batch
        try:
            with self._outside.tracer.span("append", entries=len(batch.entries)):
                head = await self._outside.log.append(batch)
        except LogUnavailable:
            raise
        except Exception:
            # Only a batch that may be offered again unchanged is worth keeping.
            self._pending = None
            raise
        self._pending = None
        self._outside.journal(Written(batch.first_index, batch.entries))
        if self._outside.publication is not None:
            self._outside.publication.offer()
        return head
