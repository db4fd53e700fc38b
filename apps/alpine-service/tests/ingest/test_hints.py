"""The log's own word that there is news shortens a wait, and cannot make us ask without end."""

import asyncio
from collections.abc import AsyncIterator

from attrs import define, field

from alpine_service.domain.feed.tile import Tile
from alpine_service.errors import FeedAway
from alpine_service.services.ingest_hints import HINTED_S, Hints
from alpine_service.services.ingest_pace import PACE, Waiting
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver


@define
class HintingFeed:
    """A log that says `hints` times that there is news, then goes away; the rest is never asked."""

    count: int
    clock: FakeClock
    has_key: bool = True
    since: list[int] = field(factory=list)

    async def hints(self, size: int) -> AsyncIterator[None]:
        self.since.append(size)
        for _ in range(self.count):
            yield None
            await self.clock.sleep(0)
        raise FeedAway("gone")

    async def checkpoint(self) -> bytes:
        raise NotImplementedError

    async def tile(self, tile: Tile) -> bytes:
        raise NotImplementedError

    async def bundle(self, index: int, width: int) -> bytes:
        raise NotImplementedError

    async def bodies(self, since: int) -> bytes:
        raise NotImplementedError


def hints_of(feed: HintingFeed, clock: FakeClock) -> Hints:
    return Hints(feed, Waiting(PACE, FakeChance()), clock, FakeObserver())  # type: ignore[arg-type]


async def turns(clock: FakeClock, count: int = 50) -> None:
    for _ in range(count):
        await clock.sleep(0)


async def test_a_hint_ends_a_long_wait() -> None:
    clock = FakeClock()
    feed = HintingFeed(1, clock)
    hints = hints_of(feed, clock)
    async with hints.listening():
        waiting = asyncio.create_task(hints.wait(60))
        hints.heard(7)
        await turns(clock)
        await clock.advance(HINTED_S)
        assert waiting.done()
        assert feed.since == [7]


async def test_hints_without_end_leave_time_between_two_looks() -> None:
    clock = FakeClock()
    hints = hints_of(HintingFeed(1_000_000, clock), clock)
    looks = 0

    async def look() -> None:
        nonlocal looks
        while True:
            await hints.wait(60)
            looks += 1

    async with hints.listening():
        hints.heard(0)
        looking = asyncio.create_task(look())
        await turns(clock)
        assert looks == 0
        for _ in range(10):
            await clock.advance(HINTED_S)
            await turns(clock)
        assert looks == 10
        looking.cancel()


async def test_without_a_hint_the_whole_wait_is_waited() -> None:
    clock = FakeClock()
    feed = HintingFeed(0, clock)
    hints = hints_of(feed, clock)
    async with hints.listening():
        waiting = asyncio.create_task(hints.wait(3))
        await clock.advance(2.9)
        assert not waiting.done()
        await clock.advance(0.1)
        assert waiting.done()
        # Nobody is told of news before it was asked what there is.
        assert feed.since == []


async def test_a_log_that_tells_no_hints_is_not_asked_for_them() -> None:
    clock = FakeClock()
    feed = HintingFeed(1, clock, has_key=False)
    hints = hints_of(feed, clock)
    async with hints.listening():
        hints.heard(0)
        await turns(clock)
        assert feed.since == []
