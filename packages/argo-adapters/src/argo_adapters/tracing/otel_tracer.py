"""The port `Tracer` on OpenTelemetry's SDK."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from argo_core.codec.traceparent import parse_traceparent
from argo_core.ports import Span

# What OpenTelemetry has a name for is called by it; everything else is ours.
_KNOWN: Final = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "failed": "error.type",
}
_PREFIX: Final = "argo."


def otel_name(name: str) -> str:
    """What an attribute of ours is called in OpenTelemetry."""
    return _KNOWN.get(name, _PREFIX + name)


def our_name(name: str) -> str:
    """The way back."""
    back = {known: ours for ours, known in _KNOWN.items()}
    return back.get(name, name.removeprefix(_PREFIX))


class OtelSpan:
    """One span that is under way."""

    __slots__ = ("_span",)

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **attributes: str | float | bool) -> None:
        """As the port promises."""
        self._span.set_attributes(_named(attributes))
        if "failed" in attributes:
            # Without a description: an error's text may be somebody else's.
            self._span.set_status(Status(StatusCode.ERROR))


class OtelTracer:
    """Spans of one tracer of the SDK; a mark is a context of OpenTelemetry."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def span(
        self, name: str, within: object = None, /, **attributes: str | float | bool
    ) -> Iterator[Span]:
        """As the port promises."""
        context = within if isinstance(within, Context) else None
        kind = SpanKind.SERVER if "route" in attributes else SpanKind.INTERNAL
        otel = self._tracer.start_span(name, context, kind=kind, attributes=_named(attributes))
        span = OtelSpan(otel)
        token = otel_context.attach(trace.set_span_in_context(otel))
        try:
            yield span
        except BaseException as error:
            span.note(failed=type(error).__name__)
            raise
        finally:
            otel_context.detach(token)
            otel.end()

    def mark(self) -> object:
        """As the port promises."""
        here = trace.get_current_span()
        return otel_context.get_current() if here.get_span_context().is_valid else None

    def caller(self, traceparent: str) -> object:
        """As the port promises."""
        parsed = parse_traceparent(traceparent)
        if parsed is None:
            return None
        flags = TraceFlags(TraceFlags.SAMPLED if parsed.sampled else TraceFlags.DEFAULT)
        theirs = SpanContext(parsed.trace_id, parsed.span_id, is_remote=True, trace_flags=flags)
        return trace.set_span_in_context(NonRecordingSpan(theirs), Context())


def ids_here() -> dict[str, str]:
    """`trace_id` and `span_id` of the span this is in, for log lines; nothing outside of any."""
    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return {}
    return {"trace_id": f"{here.trace_id:032x}", "span_id": f"{here.span_id:016x}"}


def exemplar_here() -> dict[str, str] | None:
    """The trace this is in, for metrics; None outside of any, and where nobody keeps it."""
    here = trace.get_current_span().get_span_context()
    if not here.is_valid or not here.trace_flags.sampled:
        return None
    return {"trace_id": f"{here.trace_id:032x}"}


def _named(attributes: Mapping[str, str | float | bool]) -> dict[str, str | float | bool]:
    return {otel_name(name): value for name, value in attributes.items()}
