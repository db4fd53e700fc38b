"""Spans on their way to a collector: a bounded number waits, and what is lost is counted."""

import threading
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from alpine_service.ports.health import Finding, Level

MOST_SPANS = 4_096
_BATCH = 512
_EVERY_MS = 1_000


class Counting(SpanExporter):
    """Counts what another exporter took, and what it did not."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self.taken = 0
        self.lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._inner.export(spans)
        except Exception:  # noqa: BLE001 - whatever it is, these spans are lost and no others
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self.taken += len(spans)
        else:
            self.lost += len(spans)
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


class Queue(BatchSpanProcessor):
    """Keeps the port `Probe` as well: how many spans were exported, and how many dropped.

    Whoever ends a span never waits: the library's own thread sends. Where the collector does not
    keep up or is away, new spans are dropped before its queue is full.
    """

    name = "traces"
    level = Level.DEEP

    def __init__(self, exporter: SpanExporter, most: int = MOST_SPANS) -> None:
        self._counting = Counting(exporter)
        self._most = most
        self._lock = threading.Lock()
        self._accepted = 0
        self._refused = 0
        # One more than ever waits, so that the library itself drops nothing unseen.
        super().__init__(
            self._counting,
            max_queue_size=most + 1,
            schedule_delay_millis=_EVERY_MS,
            max_export_batch_size=min(_BATCH, most),
        )

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is None or not span.context.trace_flags.sampled:
            return
        with self._lock:
            waiting = self._accepted - self._counting.taken - self._counting.lost
            if waiting >= self._most:
                self._refused += 1
                return
            self._accepted += 1
        super().on_end(span)

    async def check(self) -> Finding:
        """A collector that is away is nobody's outage: this is always well."""
        dropped = self._refused + self._counting.lost
        return Finding(facts={"exported": self._counting.taken, "dropped": dropped})
