"""Traces by OpenTelemetry. Only a service that traces imports this."""

import asyncio
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.aiohttp_client import create_trace_config
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.sampling import (
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes
from yarl import URL

from alpine_service.adapters.tracing.opening import CONSOLE, Subject, Tracing
from alpine_service.adapters.tracing.queue import Queue
from alpine_service.adapters.tracing.quiet import QuietProvider
from alpine_service.ports.observing import Fact
from alpine_service.ports.tracing import Role, Span

_SEND_S = 3.0
_GOODBYE_S = 2.0
_LONGEST_FACT = 500
_KINDS = {Role.INSIDE: trace.SpanKind.INTERNAL, Role.SERVER: trace.SpanKind.SERVER}
_PROPAGATOR = TraceContextTextMapPropagator()


class OtelSpan:
    """Keeps the port `Span`."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def trace_id(self) -> str | None:
        return _kept_id(self._span)

    def note(self, **facts: Fact) -> None:
        for name, value in facts.items():
            if value is not None:
                self._span.set_attribute(name, value)

    def fail(self, problem: str) -> None:
        self._span.set_status(trace.StatusCode.ERROR, problem)


class OtelTracer:
    """Keeps the port `Tracer`."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer("alpine")

    @contextmanager
    def span(
        self, name: str, role: Role = Role.INSIDE, parent: str | None = None, **facts: Fact
    ) -> Iterator[Span]:
        given = {each: value for each, value in facts.items() if value is not None}
        with self._tracer.start_as_current_span(
            name,
            context=_outside(parent),
            kind=_KINDS[role],
            attributes=given,
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            span = OtelSpan(made)
            try:
                yield span
            except BaseException as error:
                span.fail(type(error).__name__)
                raise

    def trace_id(self) -> str | None:
        return _kept_id(trace.get_current_span())


class OnlyOurs(Sampler):
    """A share of the traces that we begin, and none that a library would begin by itself.

    What is asked of the database in the background without a span of ours says nothing.
    """

    def __init__(self, share: float) -> None:
        self._share = TraceIdRatioBased(share)

    def should_sample(  # noqa: PLR0917 - as the library asks
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: trace.SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[trace.Link] | None = None,
        trace_state: trace.TraceState | None = None,
    ) -> SamplingResult:
        if kind is trace.SpanKind.CLIENT:
            return SamplingResult(Decision.DROP)
        return self._share.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        return f"OnlyOurs{{{self._share.get_description()}}}"


@asynccontextmanager
async def opened(
    where: str, share: float, subject: Subject, exporter: SpanExporter | None = None
) -> AsyncIterator[Tracing]:
    """Traces to `where`, or to that exporter; at the end what waits is sent, if it can be soon."""
    # The library speaks of a collector that is away; what is lost is counted, and that is enough.
    words = logging.getLogger("opentelemetry")
    words.addHandler(logging.NullHandler())
    words.propagate = False
    if exporter is None:
        exporter = await asyncio.to_thread(_exporter, where)
    queue = Queue(exporter)
    provider = TracerProvider(
        # Whoever asks us may want a trace, and not more of them than we take: a share of theirs.
        sampler=ParentBased(OnlyOurs(share), remote_parent_sampled=TraceIdRatioBased(share)),
        resource=Resource(
            {
                "service.name": "alpine",
                "service.instance.id": subject.instance,
                "service.version": subject.version,
                "alpine.build": subject.build,
            }
        ),
        # No events: libraries put the words of errors into them.
        span_limits=SpanLimits(max_events=0, max_span_attribute_length=_LONGEST_FACT),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(queue)
    quiet = QuietProvider(provider)
    client = create_trace_config(url_filter=_plain, tracer_provider=quiet)
    statements = AsyncPGInstrumentor()  # type: ignore[no-untyped-call]
    statements.instrument(tracer_provider=quiet, skip_dep_check=True)
    try:
        yield Tracing(OtelTracer(provider), (client,), (queue,))
    finally:
        statements.uninstrument()
        # A daemon, so that a collector that is stuck does not hold up the end of the process.
        ending = threading.Thread(target=provider.shutdown, name="traces", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, _GOODBYE_S)


def _exporter(where: str) -> SpanExporter:
    if where == CONSOLE:
        return ConsoleSpanExporter(
            out=sys.stdout, formatter=lambda span: f"{span.to_json(indent=None)}\n"
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - for this one only
        OTLPSpanExporter,
    )

    from alpine_service.adapters.tracing.answers import StatusOnly  # noqa: PLC0415 - as above

    return OTLPSpanExporter(endpoint=f"{where}/v1/traces", timeout=_SEND_S, session=StatusOnly())


def _outside(parent: str | None) -> Context | None:
    """The context of a `traceparent`; None leaves the one that we are in."""
    if parent is None:
        return None
    context = _PROPAGATOR.extract({"traceparent": parent}, context=Context())
    return context or None


def _kept_id(span: trace.Span) -> str | None:
    context = span.get_span_context()
    if not (context.is_valid and context.trace_flags.sampled):
        return None
    return trace.format_trace_id(context.trace_id)


def _plain(url: URL) -> str:
    """Without what may be a secret."""
    return str(url.with_user(None).with_query(None).with_fragment(None))
