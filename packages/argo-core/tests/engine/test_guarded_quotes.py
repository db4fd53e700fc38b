"""A feed of prices that several processes share: at one beat one of them asks."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from argo_core.consensus.opinion import SourceName
from argo_core.engine.guarded_quotes import GuardedQuotes
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.errors import VendorUnavailable
from argo_core.events import CacheLooked
from argo_core.market.instrument import instrument
from argo_core.market.quote import Quote
from argo_core.resilience.breaker_table import State
from argo_core.resilience.permit import Rejected
from argo_core.testing.fake_cache import FakeCache
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes
from argo_core.testing.fake_shared import FakeFlightLocks

WANTED = (instrument("AZO"), instrument("BTC/USD"))
TTL_S = 4.5


class Desk:
    """One feed, and as many processes that ask it as a test needs."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.observer = FakeObserver()
        self.cache: FakeCache[tuple[Quote, ...]] = FakeCache()
        self.locks = FakeFlightLocks(self.clock)
        self.feed = FakeQuotes(self.clock, name=SourceName("alpaca"))
        self.feed.price("AZO", "3100.00")
        self.feed.price("BTC/USD", "95000.00")

    def process(self, **changes) -> GuardedQuotes:
        given = {
            "clock": self.clock,
            "observer": self.observer,
            "cache": self.cache,
            "flight": SharedFlight(self.clock, self.locks),
        }
        return GuardedQuotes(self.feed, 4.0, **(given | changes))


@pytest.fixture
def desk():
    return Desk()


async def test_the_second_process_of_a_beat_has_the_answer_of_the_first(desk):
    here, there = desk.process(), desk.process()
    first = await here.ask(WANTED, TTL_S)
    await desk.clock.advance(2.5)
    assert await there.ask(WANTED, TTL_S) == first
    assert len(desk.feed.asked) == 1
    await desk.clock.advance(2.5)
    await here.ask(WANTED, TTL_S)
    assert len(desk.feed.asked) == 2
    looks = [(one.fresh, one.stale, one.missed) for one in desk.observer.of(CacheLooked)]
    assert looks == [(0, 0, 2), (2, 0, 0), (0, 0, 2)]


async def test_two_processes_of_one_moment_ask_once(desk):
    desk.feed.seconds = 0.2
    asks = [asyncio.create_task(desk.process().ask(WANTED, TTL_S)) for _ in range(2)]
    await desk.clock.advance(1)
    assert await asks[0] == await asks[1]
    assert len(desk.feed.asked) == 1


async def test_who_waited_for_an_ask_that_failed_asks_itself(desk):
    desk.feed.seconds = 0.2
    desk.feed.failing = VendorUnavailable("alpaca", "down")
    asks = [asyncio.create_task(desk.process().ask(WANTED, TTL_S)) for _ in range(2)]
    await desk.clock.advance(1)
    assert [await ask for ask in asks] == [desk.feed.failing] * 2
    assert len(desk.feed.asked) == 2


async def test_another_list_is_another_question(desk):
    await desk.process().ask(WANTED, TTL_S)
    await desk.process().ask(WANTED[:1], TTL_S)
    assert len(desk.feed.asked) == 2


async def test_without_a_cache_every_beat_asks(desk):
    alone = desk.process(cache=None, flight=None)
    for _ in range(2):
        assert len(await alone.ask(WANTED, TTL_S)) == 2
    assert len(desk.feed.asked) == 2
    assert desk.observer.of(CacheLooked) == []


async def test_prices_from_the_future_are_neither_heard_nor_kept(desk):
    desk.feed.price("AZO", "1.00", at=BEGINNING + timedelta(days=1))
    quotes = await desk.process().ask(WANTED, TTL_S)
    assert [quote.symbol for quote in quotes] == ["BTC/USD"]
    desk.feed.price("BTC/USD", "1.00", at=BEGINNING + timedelta(days=1))
    await desk.clock.advance(5)
    assert await desk.process().ask(WANTED, TTL_S) == ()


async def test_what_another_clock_stored_in_the_future_is_not_fresh(desk):
    await desk.process().ask(WANTED, TTL_S)
    (key,) = desk.cache._slots
    entry = (await desk.cache.get([key]))[key].entry
    ahead = timedelta(hours=1)
    moments = ("as_of", "stored_at", "soft", "revalidate", "error")
    await desk.cache.put(
        {key: evolve(entry, **{name: getattr(entry, name) + ahead for name in moments})}
    )
    await desk.process().ask(WANTED, TTL_S)
    assert len(desk.feed.asked) == 2


async def test_an_open_breaker_is_not_run_against(desk):
    class Open:
        """A breaker that lets nobody pass."""

        def peek(self) -> Rejected | None:
            return Rejected(State.OPEN, 7.0)

    refused = await desk.process(shield=Shield(Open())).ask(WANTED, TTL_S)
    assert isinstance(refused, VendorUnavailable)
    assert desk.feed.asked == []
