"""Tracing, switched on and off: a provider of our own, never the process's."""

import logging
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

from attrs import field, frozen
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased

from argo_adapters.tracing.exporting import BoundedQueue, CountingExporter
from argo_adapters.tracing.finished import MOST_CHARACTERS, Clean, Finished, finished
from argo_adapters.tracing.http_client import http_spans
from argo_adapters.tracing.otel_tracer import OtelTracer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_SCOPE: Final = "argo"
_GOODBYE_S: Final = 5.0
# Few and short is what we write; libraries would write exceptions with their tracebacks, too. Texts
# are cut once more when they are clean, so here there is room for a secret that is to be found.
_LIMITS: Final = SpanLimits(
    max_events=0,
    max_links=0,
    max_span_attributes=32,
    max_span_attribute_length=16 * MOST_CHARACTERS,
)
_QUIET: Final = logging.getLogger("opentelemetry")


def _same(text: str) -> str:
    return text


@frozen
class TracePlan:
    """Where spans go, and how many.

    `sample` is the share of traces that are kept; what a caller does not keep is not kept here
    either. At most `queue` spans wait for the exporter. `told` are origins that hear `traceparent`.
    `clean` takes secrets out of every text.
    """

    service: str
    version: str
    sample: float = 1.0
    queue: int = 2_048
    told: Collection[str] = ()
    clean: Clean = field(default=_same, repr=False)


class OpenTracing:
    """A tracer and everything around it; end it with `close`, which takes seconds at most."""

    def __init__(
        self,
        plan: TracePlan,
        exporter: SpanExporter | None,
        keep: Callable[[Finished], None] | None = None,
    ) -> None:
        ratio = TraceIdRatioBased(plan.sample)
        # A caller may ask for less than our share, and never for more.
        sampler = ParentBased(
            ratio, remote_parent_sampled=ratio, remote_parent_not_sampled=ALWAYS_OFF
        )
        self._provider = TracerProvider(
            sampler=sampler,
            resource=Resource({"service.name": plan.service, "service.version": plan.version}),
            shutdown_on_exit=False,
            span_limits=_LIMITS,
        )
        self._queue: BoundedQueue | None = None
        if exporter is not None:
            self._queue = BoundedQueue(CountingExporter(exporter, plan.clean), plan.queue)
            self._provider.add_span_processor(self._queue)
        if keep is not None:
            self._provider.add_span_processor(_Keeper(keep))
        # It would log each batch that is lost, with the collector's address; we count them.
        self._was_at, self._undo = _QUIET.level, list[Callable[[], None]]()
        _QUIET.setLevel(logging.CRITICAL)
        otel = self._provider.get_tracer(_SCOPE, plan.version)
        self.tracer = OtelTracer(otel)
        self.http = http_spans(otel, plan.told)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many spans were exported and dropped so far."""
        return {} if self._queue is None else self._queue.counts

    def trace_redis(self) -> None:
        """A span for each command, without its arguments; for every client in the process."""
        from opentelemetry.instrumentation.redis import (  # noqa: PLC0415 - loads all of redis
            RedisInstrumentor,
        )

        redis = RedisInstrumentor()
        redis.instrument(tracer_provider=self._provider)
        self._undo.append(redis.uninstrument)

    def trace_postgres(self) -> None:
        """A span for each statement, without its arguments; for every connection in the process."""
        from opentelemetry.instrumentation.asyncpg import (  # noqa: PLC0415 - loads all of asyncpg
            AsyncPGInstrumentor,
        )

        postgres = AsyncPGInstrumentor()  # type: ignore[no-untyped-call]  # it has no types
        postgres.instrument(tracer_provider=self._provider)
        self._undo.append(postgres.uninstrument)

    def close(self) -> None:
        """Export what waits and end the thread; blocks for two exports and 5 s at most."""
        while self._undo:
            self._undo.pop()()
        # The library would wait for half a minute for a collector that answers by the byte.
        ending = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(_GOODBYE_S)
        _QUIET.setLevel(self._was_at)


class _Keeper(SpanProcessor):
    """Hands on each span as it ends, whole; for looking at a few."""

    def __init__(self, keep: Callable[[Finished], None]) -> None:
        self._keep = keep

    def on_end(self, span: "ReadableSpan") -> None:
        self._keep(finished(span))


def console() -> SpanExporter:
    """Spans as JSON on standard error, one line each."""
    return ConsoleSpanExporter(out=sys.stderr, formatter=lambda span: span.to_json(None) + "\n")


def otlp(endpoint: str, headers: Mapping[str, str], timeout_s: float) -> SpanExporter:
    """Spans to a collector by OTLP over HTTP; each batch is given up after that many seconds."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - heavy
        OTLPSpanExporter,
    )

    from argo_adapters.tracing.collector import CollectorSession  # noqa: PLC0415 - as above

    return OTLPSpanExporter(
        endpoint=endpoint, headers=dict(headers), timeout=timeout_s, session=CollectorSession()
    )
