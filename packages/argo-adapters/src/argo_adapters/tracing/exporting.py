"""Spans on their way out: a bounded queue, one thread, and a count of what was lost."""

import logging
from collections.abc import Sequence
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from argo_adapters.tracing.finished import Clean, scrubbed

_LOGGER = logging.getLogger(__name__)
_BATCH: Final = 512
_EVERY_MS: Final = 1_000


class CountingExporter(SpanExporter):
    """Hands spans to `inner`, scrubbed, and counts; it says once when that begins to fail."""

    def __init__(self, inner: SpanExporter, clean: Clean) -> None:
        self.taken = 0
        self.exported = 0
        self.failed = 0
        self._inner = inner
        self._clean = clean
        self._fails = False
        self._closing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Called by the queue's thread alone."""
        self.taken += len(spans)
        if self._closing and self._fails:
            # Nobody waits for a collector that is away.
            self.failed += len(spans)
            return SpanExportResult.FAILURE
        try:
            result = self._inner.export([scrubbed(span, self._clean) for span in spans])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a loss and no more
            result = SpanExportResult.FAILURE
            self._note(type(error).__name__)
        else:
            self._note("" if result is SpanExportResult.SUCCESS else "the collector is away")
        if result is SpanExportResult.SUCCESS:
            self.exported += len(spans)
        else:
            self.failed += len(spans)
        return result

    def close_soon(self) -> None:
        """From now on a failure is the last."""
        self._closing = True

    def shutdown(self) -> None:
        """Close what is behind."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is kept here."""
        return self._inner.force_flush(timeout_millis)

    def _note(self, problem: str) -> None:
        if problem and not self._fails:
            _LOGGER.warning("spans are lost: %s; losses are counted from now on", problem)
        elif self._fails and not problem:
            _LOGGER.info("spans are exported again")
        self._fails = bool(problem)


class BoundedQueue(BatchSpanProcessor):
    """At most `most` spans wait; past that the oldest is lost, and counted."""

    def __init__(self, exporter: CountingExporter, most: int, every_ms: int = _EVERY_MS) -> None:
        super().__init__(
            exporter,
            max_queue_size=most,
            schedule_delay_millis=every_ms,
            max_export_batch_size=min(_BATCH, most),
            export_timeout_millis=_EVERY_MS,
        )
        self._most = most
        self._exporter = exporter
        self._overrun = 0
        self._ended = 0

    def on_end(self, span: ReadableSpan) -> None:
        """Queue it; never waits."""
        context = span.get_span_context()
        if context is None or not context.trace_flags.sampled:
            return
        if self._ended - self._exporter.taken - self._overrun >= self._most:
            self._overrun += 1
        self._ended += 1
        super().on_end(span)

    def shutdown(self) -> None:
        """Export what waits, if that goes well; takes as long as two exports at most."""
        self._exporter.close_soon()
        super().shutdown()  # type: ignore[no-untyped-call]  # it has no types

    @property
    def counts(self) -> dict[str, int]:
        """What became of all spans: those that wait are not among them."""
        exporter = self._exporter
        return {"exported": exporter.exported, "dropped": exporter.failed + self._overrun}
