"""Deletes what has no use any more, from time to time."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.ports.accounts import Expired
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Clock

EVERY_S = 300.0
# Between two rounds when there was a lot, so that others get a turn.
_SOON_S = 1.0


@frozen
class Sweeper:
    """A background service."""

    expired: Sequence[Expired]
    clock: Clock
    observer: Observer
    every_s: float = EVERY_S

    async def run(self) -> None:
        """Until cancelled.

        Raises:
            DatabaseAway: the database does not answer.
        """
        while True:
            gone = await self.once()
            await self.clock.sleep(_SOON_S if gone else self.every_s)

    async def once(self) -> int:
        """One round; how many rows went."""
        now = self.clock.now()
        gone = sum([await each.sweep(now) for each in self.expired])
        if gone:
            self.observer.tell("sweeper.swept", rows=gone)
        return gone
