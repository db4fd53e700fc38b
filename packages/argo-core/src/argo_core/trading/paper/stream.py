"""What the paper broker tells, to whoever listens at the moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from argo_core.trading.broker_view import BrokerUpdate, StreamGap

Message = BrokerUpdate | StreamGap

# A listener that is behind by more than this reads the orders faster than their messages.
MOST = 1_000


class UpdateStream:
    """Each listener has a bounded queue; one that is full is emptied, and a gap put in its place.

    Nothing is kept for those who do not listen yet: a stream begins with a gap.
    """

    def __init__(self, now: Callable[[], datetime], most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._listeners: list[asyncio.Queue[Message]] = []

    def tell(self, updates: Iterable[BrokerUpdate]) -> None:
        """Say these to every listener, in order."""
        for update in updates:
            for queue in self._listeners:
                if queue.full():
                    _empty(queue)
                    queue.put_nowait(StreamGap(self._now()))
                queue.put_nowait(update)

    def break_off(self) -> None:
        """Lose what nobody has heard yet, and begin anew with a gap."""
        for queue in self._listeners:
            _empty(queue)
            queue.put_nowait(StreamGap(self._now()))

    async def listen(self) -> AsyncIterator[Message]:
        """What is told from now on; ends only when it is closed."""
        # Room for the gap and one update at least, whatever was asked for.
        queue: asyncio.Queue[Message] = asyncio.Queue(max(2, self._most))
        queue.put_nowait(StreamGap(self._now()))
        self._listeners.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(queue)


def _empty(queue: asyncio.Queue[Message]) -> None:
    while not queue.empty():
        queue.get_nowait()
