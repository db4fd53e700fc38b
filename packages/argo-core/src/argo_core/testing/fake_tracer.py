"""A tracer that remembers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count

from attrs import define, field

from argo_core.codec.traceparent import TraceParent, parse_traceparent
from argo_core.ports import Span


@define
class FakeSpan:
    """A piece of work; `parent` is the id of the one it is a part of, 0 where it is none."""

    name: str
    trace_id: int
    id: int
    parent: int
    attributes: dict[str, str | float | bool] = field(factory=dict)

    def note(self, **attributes: str | float | bool) -> None:
        """Keep it."""
        self.attributes |= attributes


class FakeTracer:
    """Keeps every piece of work in the order in which they ended."""

    def __init__(self) -> None:
        self.spans: list[FakeSpan] = []
        self._ids = count(1)
        self._here: ContextVar[FakeSpan | None] = ContextVar("here", default=None)

    @contextmanager
    def span(
        self, name: str, within: object = None, /, **attributes: str | float | bool
    ) -> Iterator[Span]:
        """Begin one."""
        parent = self._here.get() if within is None else within
        number = next(self._ids)
        match parent:
            case FakeSpan():
                span = FakeSpan(name, parent.trace_id, number, parent.id, attributes)
            case TraceParent():
                span = FakeSpan(name, parent.trace_id, number, parent.span_id, attributes)
            case _:
                span = FakeSpan(name, number, number, 0, attributes)
        token = self._here.set(span)
        try:
            yield span
        except BaseException as error:
            span.note(failed=type(error).__name__)
            raise
        finally:
            self._here.reset(token)
            self.spans.append(span)

    def mark(self) -> object:
        """Where this is."""
        return self._here.get()

    def caller(self, traceparent: str) -> object:
        """Whom the header names."""
        return parse_traceparent(traceparent)

    def named(self, name: str) -> list[FakeSpan]:
        """Those of that name, in the order in which they ended."""
        return [span for span in self.spans if span.name == name]
