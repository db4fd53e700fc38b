"""A stream of events in memory, and hints on demand."""

import asyncio

from alpine_service.domain.signals.event import Audience, Event, EventKind
from alpine_service.testing.fake_clock import FakeClock


class FakeEvents:
    """Keeps the port `Events`; `add` is what a commit would do."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self.hint = FakeHint()
        self._clock = FakeClock()
        self._asked = 0

    def add(
        self, symbol: str = "AAPL", audience: Audience = Audience.EVERYBODY, strategy: str = "swing"
    ) -> Event:
        number = len(self._events) + 1
        event = Event(
            number=number,
            kind=EventKind.SIGNAL_PUBLISHED,
            audience=audience,
            log_index=number - 1,
            strategy=strategy,
            data=b'{"number":%d}' % number,
            at_us=number,
            symbol=symbol,
            signal_id=f"sig-{number}",
        )
        self._events.append(event)
        self.hint.give()
        return event

    async def last(self) -> int:
        return len(self._events)

    async def after(
        self, number: int, limit: int, audience: Audience = Audience.REALTIME
    ) -> list[Event]:
        seen = (event for event in self._events[number:] if event.audience <= audience)
        found = [event for event, _ in zip(seen, range(limit), strict=False)]
        # Old when it arrives, as the answer of a real store is, and later answers overtake it.
        self._asked += 1
        for _ in range(self._asked * 7 % 11):
            await self._clock.sleep(0)
        return found

    async def get(self, number: int) -> Event | None:
        return self._events[number - 1] if 0 < number <= len(self._events) else None


class FakeHint:
    """A hint that only comes when it is given; no time passes."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def give(self) -> None:
        self._event.set()

    async def wait(self, timeout_s: float) -> None:
        await self._event.wait()
        self._event.clear()
