"""The stream of events: one gapless row of numbers that every way of telling reads from."""

from typing import Protocol

from alpine_service.domain.signals.event import Audience, Event


class Events(Protocol):
    """Events as they were written down with the entries that they tell of."""

    async def last(self) -> int:
        """The number of the newest event, 0 if there is none."""
        ...

    async def after(
        self, number: int, limit: int, audience: Audience = Audience.REALTIME
    ) -> list[Event]:
        """The first `limit` events behind that number which the audience may see, in order."""
        ...

    async def get(self, number: int) -> Event | None:
        """The event of that number, or None."""
        ...


class Wakeup(Protocol):
    """A hint that there may be something to do; hints may be lost, so nobody waits for one only."""

    async def wait(self, timeout_s: float) -> None:
        """Return when a hint came since the last wait, or when so much time has passed."""
        ...
