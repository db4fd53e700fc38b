"""The clock of a day that is played: it stands still until it is told, and nobody waits by it."""

from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any, TypeVar

from argo_core.errors import InvalidInput
from argo_core.market.moment import aware

T = TypeVar("T")


class DayClock:
    """The port `Clock` for work that nothing interrupts: whoever sleeps moves the time on."""

    def __init__(self, begins: datetime) -> None:
        self._now = self._began = aware("begins", begins)

    def now(self) -> datetime:
        """The moment it was last told."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that have passed."""
        return (self._now - self._began).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let them pass at once: nothing else happens meanwhile."""
        self.move(self._now + timedelta(seconds=max(0.0, seconds)))

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """No time passes in the block, so there is nothing to give up."""
        return nullcontext(seconds)

    def move(self, moment: datetime) -> None:
        """It is that moment now, unless it is later already."""
        self._now = max(self._now, moment)


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work that waits for nobody, without an event loop.

    Raises:
        InvalidInput: it waits for something.
    """
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise InvalidInput("work", "it waits for something", "give what is done without waiting")
