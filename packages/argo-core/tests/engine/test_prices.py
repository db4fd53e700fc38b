"""Who is asked for which price, and when: free looks every beat, paid ones by their lives."""

import asyncio
from datetime import timedelta

import pytest

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.guarded_quotes import GuardedQuotes
from argo_core.engine.known import Known
from argo_core.engine.price_life import PriceLife
from argo_core.engine.prices import Prices
from argo_core.errors import VendorThrottled, VendorUnavailable
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.resilience.ttl import FirstPassage
from argo_core.resilience.variance_clock import VarianceClock
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes

PROFILE = Profile()
OPEN, CLOSE = BEGINNING - timedelta(hours=1), BEGINNING + timedelta(hours=5)
TABLE = SessionTable(
    (Session(OPEN - timedelta(hours=5), OPEN, CLOSE, CLOSE + timedelta(hours=4)),),
    OPEN - timedelta(days=2),
    OPEN + timedelta(days=2),
)
LIFE = PriceLife(VarianceClock(TABLE), FirstPassage(unknown_s=30))
AZO, BTC = instrument("AZO"), instrument("BTC/USD")
BOTH = ("AZO", "BTC/USD")


class Desk:
    """Two feeds, a clock and what is known of two symbols."""

    def __init__(self, life: PriceLife | None = LIFE) -> None:
        self.clock = FakeClock()
        self.observer = FakeObserver()
        self.known = Known((AZO, BTC))
        self.primary, self.fallback = (
            FakeQuotes(self.clock, name=SourceName(name)) for name in ("primary", "fallback")
        )
        for feed in (self.primary, self.fallback):
            feed.price("AZO", "3100.00")
            feed.price("BTC/USD", "95000.00")
        self.phases = {AZO.symbol: Phase.REGULAR, BTC.symbol: Phase.REGULAR}
        guarded = [
            GuardedQuotes(feed, PROFILE.price_timeout_s, clock=self.clock, observer=self.observer)
            for feed in (self.primary, self.fallback)
        ]
        self.prices = Prices(guarded, PROFILE, self.known, self.clock, life)

    async def beats(self, count: int) -> None:
        for _ in range(count):
            await self.prices.refresh(self.phases, wait=True)
            await self.clock.advance(PROFILE.beat_s)


@pytest.fixture
def desk():
    return Desk()


async def test_while_the_market_is_open_everybody_is_looked_at_every_beat(desk):
    await desk.beats(3)
    assert desk.primary.asked == [BOTH] * 3
    assert desk.fallback.asked == []


async def test_outside_the_session_a_price_is_looked_at_when_its_life_has_ended(desk):
    desk.phases[AZO.symbol] = Phase.POST
    await desk.clock.advance(5 * 3_600 + 600)
    await desk.beats(13)
    looks = [place for place, asked in enumerate(desk.primary.asked) if AZO.symbol in asked]
    # After hours run at half speed, so that thirty session seconds are a minute: 12 beats.
    assert looks == [0, 12]


async def test_a_stock_is_not_looked_at_all_night(desk):
    desk.phases[AZO.symbol] = Phase.CLOSED
    await desk.clock.advance(10 * 3_600)
    await desk.beats(20)
    assert [asked for asked in desk.primary.asked if AZO.symbol in asked] == [BOTH]


async def test_without_lives_everything_is_asked_for_as_if_it_traded():
    desk = Desk(life=None)
    desk.phases[AZO.symbol] = Phase.CLOSED
    await desk.beats(3)
    assert desk.primary.asked == [BOTH] * 3


async def test_a_dead_primary_wakes_the_fallback_when_the_lives_end(desk):
    await desk.beats(1)
    desk.primary.failing = VendorUnavailable("primary", "down")
    await desk.beats(30)
    # A life of thirty seconds, while nobody knows how it moves, is over at the sixth beat.
    assert desk.fallback.asked == [BOTH]
    await desk.beats(60)
    # It does not move at all, and only a jump could; but of old prices no signals are made.
    assert desk.fallback.asked == [BOTH] * 2
    assert desk.known.quotes[AZO.symbol].fetched_at > BEGINNING


async def test_without_lives_a_fallback_is_asked_once_a_minute():
    desk = Desk(life=None)
    desk.primary.failing = VendorUnavailable("primary", "down")
    await desk.beats(25)
    assert desk.fallback.asked == [BOTH] * 3


async def test_a_primary_that_answers_with_old_prices_wakes_the_fallback(desk):
    desk.primary.price("AZO", "3100.00", at=BEGINNING - timedelta(minutes=20))
    await desk.beats(2)
    assert desk.fallback.asked == [("AZO",)]
    assert desk.known.quotes[AZO.symbol].age_s(desk.clock.now()) < 300


async def test_old_prices_of_a_closed_market_wake_nobody(desk):
    desk.phases[AZO.symbol] = Phase.CLOSED
    desk.primary.price("AZO", "3100.00", at=BEGINNING - timedelta(minutes=20))
    await desk.beats(4)
    assert desk.fallback.asked == []


async def test_a_pausing_feed_is_left_alone(desk):
    desk.primary.failing = VendorThrottled("primary", "slow down", retry_after_s=12)
    await desk.beats(3)
    assert len(desk.primary.asked) == 1


async def test_the_beat_waits_no_longer_than_the_deadline(desk):
    desk.primary.seconds = 2.0
    before = desk.clock.monotonic()
    refreshing = asyncio.create_task(desk.prices.refresh(desk.phases))
    await desk.clock.advance(PROFILE.price_deadline_s)
    await refreshing
    assert desk.clock.monotonic() - before == PROFILE.price_deadline_s
    assert not desk.known.quotes
    await desk.clock.advance(2)
    assert desk.known.quotes


async def test_stopping_ends_the_ask_under_way(desk):
    desk.primary.seconds = 3.0
    await desk.prices.stop()
    task = asyncio.create_task(desk.prices.refresh(desk.phases))
    await desk.clock.advance(1)
    await task
    await desk.prices.stop()
    await desk.clock.advance(5)
    assert not desk.known.quotes
