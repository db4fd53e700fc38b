"""What took how long within what: spans, which form a trace over several services."""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from alpine_service.ports.observing import Fact


class Role(StrEnum):
    """Whose work a span is."""

    INSIDE = "inside"
    SERVER = "server"  # Somebody asked us.


class Span(Protocol):
    """One piece of work, from when its block was entered to when it is left."""

    @property
    def trace_id(self) -> str | None:
        """The trace's id, 32 hex digits; None if nobody keeps this one."""
        ...

    def note(self, **facts: Fact) -> None:
        """What is known now. Facts are never secrets, as with the observer."""
        ...

    def fail(self, problem: str) -> None:
        """It failed; `problem` is a word for it, not an error's own words."""
        ...


class Tracer(Protocol):
    """Makes spans; never waits, never raises.

    A span is within the one that is open where it is made, unless it has a parent from outside. An
    error that leaves the block fails the span by its kind alone, and goes on.
    """

    def span(
        self, name: str, role: Role = Role.INSIDE, parent: str | None = None, **facts: Fact
    ) -> AbstractContextManager[Span]:
        """`parent` is a W3C `traceparent`; what is none is ignored."""
        ...

    def trace_id(self) -> str | None:
        """In which trace we are, if in one that is kept."""
        ...


class _Nothing:
    """The span of those who keep none, and its block: the same one for everybody, made once."""

    trace_id = None

    def __enter__(self) -> Span:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever left the block goes on."""

    def note(self, **facts: Fact) -> None:
        """Nobody keeps it."""

    def fail(self, problem: str) -> None:
        """Nobody keeps it."""


_NOTHING = _Nothing()


class Untraced:
    """Keeps the port `Tracer`, and nothing else."""

    def span(
        self, name: str, role: Role = Role.INSIDE, parent: str | None = None, **facts: Fact
    ) -> AbstractContextManager[Span]:
        return _NOTHING

    def trace_id(self) -> str | None:
        return None


UNTRACED = Untraced()
