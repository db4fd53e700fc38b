"""A tracer that remembers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count

from attrs import Factory, define, field

from alpine_service.ports.observing import Fact
from alpine_service.ports.tracing import Role, Span

_PARTS = 4


@define(eq=False)
class KeptSpan:
    """One span, and the one that it is within."""

    name: str
    role: Role
    trace_id: str
    within: "KeptSpan | None" = None
    parent: str | None = None
    facts: dict[str, Fact] = Factory(dict)
    problem: str | None = None
    is_over: bool = False

    def note(self, **facts: Fact) -> None:
        self.facts |= {name: value for name, value in facts.items() if value is not None}

    def fail(self, problem: str) -> None:
        self.problem = problem


@define
class FakeTracer:
    """Every span, in the order in which they began; ids count up."""

    spans: list[KeptSpan] = Factory(list)
    _numbers: Iterator[int] = Factory(lambda: count(1))
    _open: ContextVar[KeptSpan | None] = field(
        factory=lambda: ContextVar("open", default=None), repr=False
    )

    @contextmanager
    def span(
        self, name: str, role: Role = Role.INSIDE, parent: str | None = None, **facts: Fact
    ) -> Iterator[Span]:
        within = self._open.get() if parent is None else None
        trace_id = within.trace_id if within else f"{next(self._numbers):032x}"
        words = parent.split("-") if parent else []
        if len(words) == _PARTS:
            trace_id = words[1]
        span = KeptSpan(name, role, trace_id, within, parent)
        span.note(**facts)
        self.spans.append(span)
        token = self._open.set(span)
        try:
            yield span
        except BaseException as error:
            span.fail(type(error).__name__)
            raise
        finally:
            span.is_over = True
            self._open.reset(token)

    def trace_id(self) -> str | None:
        span = self._open.get()
        return None if span is None else span.trace_id

    def named(self, name: str) -> list[KeptSpan]:
        return [each for each in self.spans if each.name == name]
