"""The live stream over a store in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest_asyncio
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.frame import HEARTBEAT, Wish
from alpine_service.domain.signals.event import Audience, Event
from alpine_service.services.stream import HEARTBEAT_S, Stream
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_events import FakeEvents
from alpine_service.testing.fake_observer import FakeObserver

ALL = Wish(Audience.REALTIME)
KEPT = 8


@define
class Radio:
    events: FakeEvents
    clock: FakeClock
    stream: Stream
    reading: asyncio.Task[None]
    observer: FakeObserver


def radio_over(events: FakeEvents) -> Radio:
    clock = FakeClock()
    observer = FakeObserver()
    stream = Stream(events, events.hint, clock, observer, kept=KEPT)
    return Radio(events, clock, stream, asyncio.create_task(stream.run()), observer)


@pytest_asyncio.fixture
async def radio() -> AsyncIterator[Radio]:
    made = radio_over(FakeEvents())
    yield made
    made.reading.cancel()


def numbers(wire: bytes) -> list[int]:
    return [int(line[4:]) for line in wire.decode().splitlines() if line.startswith("id: ")]


async def heard(radio: Radio, wish: Wish, since: int | None, count: int) -> list[int]:
    """The first so many numbers that a listener gets."""
    found: list[int] = []
    async with asyncio.timeout(5), aclosing(radio.stream.listen(wish, since)) as chunks:
        async for chunk in chunks:
            found += numbers(chunk.wire)
            if len(found) >= count:
                break
    return found


async def test_a_listener_hears_what_comes_after_it_began(radio: Radio) -> None:
    radio.events.add()
    await radio.clock.advance(0)
    listening = asyncio.create_task(heard(radio, ALL, None, 2))
    await radio.clock.advance(0)

    radio.events.add()
    radio.events.add()

    assert await listening == [2, 3]


async def test_every_broadcast_is_told_with_how_far_it_goes_and_how_many_listen(
    radio: Radio,
) -> None:
    await radio.clock.advance(0)
    listening = asyncio.create_task(heard(radio, ALL, None, 2))
    await radio.clock.advance(0)

    radio.events.add()
    radio.events.add()

    await listening
    (told,) = radio.observer.told
    assert told.what == "stream.told"
    assert told.facts == {"events": 2, "upto": 2, "listeners": 1}


async def test_a_listener_that_comes_back_gets_what_it_missed_and_then_what_is_new(
    radio: Radio,
) -> None:
    for _ in range(3 * KEPT):
        radio.events.add()
    await radio.clock.advance(0)
    listening = asyncio.create_task(heard(radio, ALL, 2, 3 * KEPT - 1))
    await radio.clock.advance(0)

    radio.events.add()

    assert await listening == list(range(3, 3 * KEPT + 2))


async def test_what_is_older_than_this_process_is_read_from_the_store() -> None:
    events = FakeEvents()
    for _ in range(5):
        events.add()
    radio = radio_over(events)

    assert await heard(radio, ALL, 0, 5) == [1, 2, 3, 4, 5]
    radio.reading.cancel()


async def test_a_listener_hears_only_what_its_plan_may_see(radio: Radio) -> None:
    await radio.clock.advance(0)
    for audience in (Audience.REALTIME, Audience.EVERYBODY, Audience.REALTIME, Audience.EVERYBODY):
        radio.events.add(audience=audience)

    assert await heard(radio, Wish(Audience.EVERYBODY), 0, 2) == [2, 4]


async def test_a_listener_hears_only_the_symbols_and_strategies_it_named(radio: Radio) -> None:
    await radio.clock.advance(0)
    radio.events.add(symbol="AAPL", strategy="swing")
    radio.events.add(symbol="MSFT", strategy="swing")
    radio.events.add(symbol="AAPL", strategy="day")

    by_symbol = Wish(Audience.REALTIME, symbols=frozenset({"AAPL"}))
    by_both = Wish(Audience.REALTIME, frozenset({"AAPL"}), frozenset({"day"}))

    assert await heard(radio, by_symbol, 0, 2) == [1, 3]
    assert await heard(radio, by_both, 0, 1) == [3]


async def test_silence_is_filled_with_heartbeats(radio: Radio) -> None:
    async with aclosing(radio.stream.listen(ALL, None)) as chunks:
        first = asyncio.ensure_future(anext(chunks))
        await radio.clock.advance(HEARTBEAT_S)
        # Without news the reader looks again only when it is given a hint or its wait ends.
        radio.events.hint.give()

        assert (await asyncio.wait_for(first, 5)).wire == HEARTBEAT


async def test_closing_ends_every_listener(radio: Radio) -> None:
    listening = asyncio.create_task(heard(radio, ALL, None, 1))
    await radio.clock.advance(0)
    assert radio.stream.listeners == 1

    radio.stream.close()

    assert await asyncio.wait_for(listening, 5) == []
    assert radio.stream.listeners == 0


async def test_all_at_one_place_are_sent_the_same_bytes(radio: Radio) -> None:
    await radio.clock.advance(0)

    async def first() -> bytes:
        async with aclosing(radio.stream.listen(ALL, None)) as chunks:
            return (await anext(chunks)).wire

    listening = [asyncio.create_task(first()) for _ in range(3)]
    await radio.clock.advance(0)
    radio.events.add()

    one, two, three = await asyncio.gather(*listening)
    assert one is two is three


@given(
    audiences=st.lists(st.sampled_from(Audience), max_size=40),
    before=st.integers(0, 40),
    since=st.integers(0, 40),
    own=st.sampled_from(Audience),
    pause=st.integers(1, 12),
)
def test_no_event_is_lost_doubled_or_told_to_a_wrong_tier(
    audiences: list[Audience], before: int, since: int, own: Audience, pause: int
) -> None:
    """Whatever was there before the process, came before the listener, or comes while it reads."""

    async def run() -> list[int]:
        events = FakeEvents()
        for audience in audiences[:before]:
            events.add(audience=audience)
        radio = radio_over(events)
        expected = [n for n, each in enumerate(audiences, 1) if n > since and each <= own]
        listening = asyncio.create_task(heard(radio, Wish(own), since, len(expected) or 1))
        for count, audience in enumerate(audiences[before:]):
            if count % pause == 0:
                await radio.clock.sleep(0)
            events.add(audience=audience)
        await radio.clock.advance(0)
        if not expected:
            radio.stream.close()
        try:
            assert await listening == expected
        finally:
            radio.reading.cancel()
        return expected

    if since <= len(audiences):
        asyncio.run(run())


class LateEvents(FakeEvents):
    """A store whose answer about the beginning is long on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.answered = asyncio.Event()

    async def after(
        self, number: int, limit: int, audience: Audience = Audience.REALTIME
    ) -> list[Event]:
        found = await super().after(number, limit, audience)
        if number == 0:
            self.asked.set()
            await self.answered.wait()
        return found


async def test_what_came_while_the_store_was_asked_is_not_skipped() -> None:
    events = LateEvents()
    for _ in range(3):
        events.add()
    radio = radio_over(events)
    count = 3 + 3 * KEPT
    listening = asyncio.create_task(heard(radio, ALL, 0, count))
    await events.asked.wait()
    for _ in range(3 * KEPT):
        events.add()
    while radio.stream.last < count:
        await radio.clock.advance(0)

    events.answered.set()

    assert await listening == list(range(1, count + 1))
    radio.reading.cancel()
