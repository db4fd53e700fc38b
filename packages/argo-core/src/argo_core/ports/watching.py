"""Those who are told what happens, and what took how long."""

from contextlib import AbstractContextManager
from typing import Protocol

from argo_core.events import Event


class Observer(Protocol):
    """Takes events; never blocks, never raises."""

    def notice(self, event: Event) -> None:
        """Take note of what happened."""
        ...


class Span(Protocol):
    """A piece of work that is under way."""

    def note(self, **attributes: str | float | bool) -> None:
        """Say more of it: few and short values, nothing secret, nothing that somebody else wrote.

        A `failed` names the class of the error that is what became of it.
        """
        ...


class Tracer(Protocol):
    """Which piece of work took how long, and of which it is a part; never blocks, never raises."""

    def span(
        self, name: str, within: object = None, /, **attributes: str | float | bool
    ) -> AbstractContextManager[Span]:
        """The block is a piece of work, and a part of the one around it.

        Tasks that begin in the block are in it, too. With a mark it is a part `within` that. What
        the block raises is what became of it, and goes on.
        """
        ...

    def mark(self) -> object:
        """The piece of work this is in, for parts of it that are done by other tasks."""
        ...

    def caller(self, traceparent: str) -> object:
        """The mark of a caller's, by the header of W3C's Trace Context; None where it is none."""
        ...
