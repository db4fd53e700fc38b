"""A provider for instrumentations, whose spans never quote an error.

A library's span around a failing statement would otherwise keep what the database said, and the
database quotes rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace


class QuietTracer(trace.Tracer):
    """Another tracer, with neither an error's words nor its traceback."""

    def __init__(self, inner: trace.Tracer) -> None:
        self._inner = inner

    def start_span(self, name: str, *rest: Any, **more: Any) -> trace.Span:
        more |= {"record_exception": False, "set_status_on_exception": False}
        return self._inner.start_span(name, *rest, **more)

    @contextmanager
    def start_as_current_span(  # type: ignore[override]  # the library's own type is private
        self, name: str, *rest: Any, **more: Any
    ) -> Iterator[trace.Span]:
        more |= {"record_exception": False, "set_status_on_exception": False}
        with self._inner.start_as_current_span(name, *rest, **more) as span:
            yield span


class QuietProvider(trace.TracerProvider):
    """Gives quiet tracers of another provider."""

    def __init__(self, inner: trace.TracerProvider) -> None:
        self._inner = inner

    def get_tracer(self, *names: Any, **more: Any) -> trace.Tracer:
        return QuietTracer(self._inner.get_tracer(*names, **more))
