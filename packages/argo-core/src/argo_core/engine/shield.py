"""What stands between the engine and one vendor, beside the limits each call passes itself."""

from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from argo_core.engine.purse import Purse
from argo_core.resilience.permit import Rejected


class Peekable(Protocol):
    """A breaker that can be looked at before an ask is put together."""

    def peek(self) -> Rejected | None:
        """The rejection that a call would meet now, or None."""
        ...


def middle() -> float:
    """A chance that is none: every jitter is half of what it may be."""
    return 0.5


@frozen
class Shield:
    """A vendor's breaker and purse; what is None is not there. `chance` draws from [0, 1)."""

    breaker: Peekable | None = None
    purse: Purse | None = None
    chance: Callable[[], float] = middle
