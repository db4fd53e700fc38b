"""A span that has ended, as a value: what is exported, and nothing that somebody else wrote."""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Status

from argo_adapters.tracing.otel_tracer import our_name

Clean = Callable[[str], str]
MOST_CHARACTERS: Final = 256
"""So many of a text are exported, once it is clean: a cut before that could leave half a secret."""


@frozen
class Finished:
    """A piece of work: times in nanoseconds since 1970, `parent` 0 where it is a part of none."""

    name: str
    trace_id: int
    id: int
    parent: int
    began_ns: int
    ended_ns: int
    attributes: Mapping[str, str | float | bool]
    failed: str | None = None


def finished(span: ReadableSpan) -> Finished:
    """The span as a value."""
    attributes = {our_name(name): _plain(value) for name, value in (span.attributes or {}).items()}
    failed = attributes.pop("failed", None)
    if failed is None and not span.status.is_ok and span.status.status_code.name == "ERROR":
        failed = "error"
    context = span.get_span_context()
    return Finished(
        name=span.name,
        trace_id=context.trace_id if context else 0,
        id=context.span_id if context else 0,
        parent=span.parent.span_id if span.parent else 0,
        began_ns=span.start_time or 0,
        ended_ns=span.end_time or 0,
        attributes=attributes,
        failed=None if failed is None else str(failed),
    )


def scrubbed(span: ReadableSpan, clean: Clean) -> ReadableSpan:
    """The same without what exceptions said, and with every text `clean`.

    Libraries that are instrumented write down what errors say, which may be anybody's words.
    """
    attributes = {
        name: clean(value)[:MOST_CHARACTERS] if isinstance(value, str) else value
        for name, value in (span.attributes or {}).items()
    }
    return ReadableSpan(
        name=clean(span.name)[:MOST_CHARACTERS],
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _plain(value: object) -> str | float | bool:
    return value if isinstance(value, str | int | float | bool) else str(value)
