"""The tracer of whoever traces nothing; it costs next to nothing."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from argo_core.ports import Span, Tracer


class _Nothing:
    """A piece of work of which nothing is known, over and over again the same."""

    __slots__ = ()

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def note(self, **attributes: str | float | bool) -> None:
        """Forget it."""


_NOTHING: Final = _Nothing()


class _Untraced:
    __slots__ = ()

    def span(
        self, name: str, within: object = None, /, **attributes: str | float | bool
    ) -> AbstractContextManager[Span]:
        """Nothing is noted."""
        return _NOTHING

    def mark(self) -> object:
        """There is nothing to be a part of."""
        return None

    def caller(self, traceparent: str) -> object:
        """Nobody is listened to."""
        return None


UNTRACED: Final[Tracer] = _Untraced()
"""Where nothing is traced."""
