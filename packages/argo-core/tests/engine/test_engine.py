"""The engine among fakes: what it asks, what it publishes, what it survives."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from argo_core.codec.signal import read_signal
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.reasons import Direction, Reason
from argo_core.engine.picture import Outcome
from argo_core.errors import (
    ClockBehind,
    InvalidInput,
    InvalidSetting,
    LogUnavailable,
    LogUnusable,
    VendorUnavailable,
)
from argo_core.events import (
    AskSpared,
    CycleFailed,
    CycleFinished,
    SignalPublished,
    SourceFailed,
)
from argo_core.ledger.entry import decode_entry
from argo_core.market.bar import Bar
from argo_core.market.instrument import instrument
from argo_core.testing.fake_source import FakeSource

ALPACA, YFINANCE = SourceName("alpaca"), SourceName("yfinance")


async def kinds(world):
    return [decode_entry(one.data).kind for one in await world.log.entries(0, 1000)]


async def signals(world):
    entries = await world.log.entries(0, 1000)
    return [read_signal(one.data) for one in entries if decode_entry(one.data).kind == "signal"]


async def test_one_cycle_with_every_source_publishes_what_is_strong_and_holds_the_rest(world):
    engine = world.engine()
    await engine.start()
    cycle = await engine.cycle(wait=True)
    by_symbol = {one.symbol: one for one in cycle.decisions}
    assert by_symbol["AZO"].outcome is Outcome.SIGNAL
    assert by_symbol["BTC/USD"].reason is Reason.WEAK
    assert await kinds(world) == ["strategy", "signal"]
    (event,) = world.observer.of(SignalPublished)
    assert (event.symbol, event.index) == ("AZO", 1)


async def test_nobody_is_asked_about_a_closed_market(world):
    await world.clock.advance(timedelta(hours=7).total_seconds())
    engine = world.engine()
    await engine.start()
    cycle = await engine.cycle(wait=True)
    by_symbol = {one.symbol: one for one in cycle.decisions}
    assert by_symbol["AZO"].reason is Reason.MARKET_CLOSED
    assert [source.asked for source in world.sources.values()] == [[("BTC/USD",)]] * 4
    await engine.stop()


async def test_the_capsule_of_a_signal_can_be_fetched_by_its_hash(world):
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    (signal,) = await signals(world)
    assert b'"strength_grok_e4":9000' in await world.log.capsule(signal.inputs_sha256)


async def test_a_running_cycle_does_not_wait_for_slow_sources_and_hears_them_later(world):
    for source in world.sources.values():
        source.seconds = 1.2
    engine = world.engine()
    await engine.start()
    first = await engine.cycle()
    assert {one.reason for one in first.decisions} == {Reason.NO_QUORUM}
    await world.clock.advance(5)
    second = await engine.cycle()
    assert second.count(Outcome.SIGNAL) == 1
    await engine.stop()


async def test_the_cycle_waits_for_prices_until_its_deadline_and_no_longer(world):
    world.feeds[0].seconds = 1.0
    engine = world.engine()
    await engine.start()
    cycle = asyncio.create_task(engine.cycle())
    await world.clock.advance(0.24)
    assert not cycle.done()
    await world.clock.advance(0.01)
    assert {one.reason for one in (await cycle).decisions} == {Reason.NO_MARKET_DATA}
    await world.clock.advance(1)
    assert engine.known.quotes.keys() == {"AZO", "BTC/USD"}
    await engine.stop()


async def test_an_answer_is_not_asked_for_twice_before_it_is_due(world):
    engine = world.engine()
    await engine.start()
    for _ in range(3):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    assert len(world.sources[MASSIVE].asked) == 1
    await engine.cycle(wait=True)
    assert len(world.sources[MASSIVE].asked) == 2
    assert len(world.sources[ALPHA_VANTAGE].asked) == 1


async def test_a_price_move_asks_again_at_once_and_a_bulk_call_takes_everybody_along(world):
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    await world.clock.advance(5)
    world.feeds[0].price("AZO", "3120.00")
    await engine.cycle(wait=True)
    assert world.sources[MASSIVE].asked[1:] == [("AZO", "BTC/USD")]
    # Half a minute must pass before a paid source is asked again, whatever the price does.
    assert len(world.sources[GROK].asked) == 1


async def test_a_paid_call_takes_along_only_who_would_be_due_soon(world):
    world.say("BTC/USD", 0.7)
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    await world.clock.advance(35)
    world.feeds[0].price("AZO", "3120.00")
    await engine.cycle(wait=True)
    await world.clock.advance(65)
    world.feeds[0].price("AZO", "3140.00")
    await engine.cycle(wait=True)
    assert [set(asked) for asked in world.sources[GROK].asked] == [
        {"AZO", "BTC/USD"},
        {"AZO"},
        {"AZO", "BTC/USD"},
    ]


async def test_an_ask_that_failed_leaves_its_symbols_due(world):
    world.sources[SONAR].failing = VendorUnavailable("sonar", "down")
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    world.sources[SONAR].failing = None
    await world.clock.advance(5)
    await engine.cycle(wait=True)
    assert SONAR in engine.known.opinions["AZO"]


async def test_the_gate_spares_paid_sources_once_they_cannot_matter(world):
    world.say("AZO", 0.0)
    world.say("BTC/USD", 0.0)
    engine = world.engine()
    await engine.start()
    for _ in range(26):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    assert len(world.sources[GROK].asked) == 1
    (spared,) = world.observer.of(AskSpared)
    assert (spared.source, spared.symbols) == (GROK, 2)


async def test_a_failing_source_is_named_and_left_alone_for_a_while(world):
    world.sources[MASSIVE].failing = VendorUnavailable("massive", "down")
    engine = world.engine()
    await engine.start()
    for _ in range(12):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    assert world.observer.of(CycleFinished)[-1].absent == (MASSIVE,)
    # The wait doubles from half a second, and a beat is five: asked at 0, 5, 10, 15, 20, 30 and 50.
    assert len(world.observer.of(SourceFailed)) == 7
    world.sources[MASSIVE].failing = None
    await world.clock.advance(60)
    await engine.cycle(wait=True)
    assert world.observer.of(CycleFinished)[-1].absent == ()


async def test_a_vendor_that_says_when_is_not_asked_before(world):
    world.feeds[0].failing = VendorUnavailable("alpaca", "busy", retry_after_s=30)
    engine = world.engine()
    await engine.start()
    for _ in range(6):
        await engine.cycle()
        await world.clock.advance(5)
    assert len(world.feeds[0].asked) == 1
    await engine.cycle()
    assert len(world.feeds[0].asked) == 2
    await engine.stop()


async def test_the_fallback_serves_prices_when_the_primary_fails(world):
    world.feeds[0].failing = VendorUnavailable("alpaca", "down")
    engine = world.engine()
    await engine.start()
    cycle = await engine.cycle(wait=True)
    assert {one.basis.quote.feed for one in cycle.decisions} == {"yfinance"}
    for _ in range(13):
        await world.clock.advance(5)
        await engine.cycle(wait=True)
    assert len(world.feeds[0].asked) == 14
    assert len(world.feeds[1].asked) == 2


async def test_the_fallback_is_asked_only_for_what_the_primary_lacks(world):
    world.feeds[0].forget("AZO")
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    assert world.feeds[1].asked == [("AZO",)]


async def test_a_healthy_primary_never_wakes_the_fallback(world):
    engine = world.engine()
    await engine.start()
    for _ in range(30):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    assert world.feeds[1].asked == []


async def test_cycles_without_a_signal_end_up_in_quiet_entries(world):
    engine = world.engine()
    await engine.start()
    for _ in range(70):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    await engine.stop()
    assert await kinds(world) == ["strategy", "signal", "quiet", "quiet"]
    entries = [decode_entry(one.data) for one in await world.log.entries(2, 4)]
    assert sum(one.number("cycles") for one in entries) == 69
    assert sum(one.number("holds") + one.number("skips") for one in entries) == 2 * 69
    assert [one.number("seq") for one in entries] == [2, 3]


async def test_a_quiet_slice_goes_before_the_signal_that_ends_it(world):
    world.say("AZO", 0.1)
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    world.say("AZO", 0.9)
    await world.clock.advance(300)
    await engine.cycle(wait=True)
    assert await kinds(world) == ["strategy", "quiet", "signal"]


async def test_a_new_engine_on_the_same_log_restores_what_stands_and_registers_again(world):
    first = world.engine()
    await first.start()
    await first.cycle(wait=True)
    await first.stop()
    await world.clock.advance(60)
    second = world.engine()
    await second.start()
    await second.cycle(wait=True)
    assert await kinds(world) == ["strategy", "signal", "strategy"]


async def test_a_symbol_that_left_the_universe_is_not_restored(world):
    first = world.engine()
    await first.start()
    await first.cycle(wait=True)
    world.say("BTC/USD", 0.9)
    alone = attrs.evolve(world, instruments=world.instruments[1:]).engine()
    await alone.start()
    await alone.cycle(wait=True)
    assert alone.known.standing.keys() == {"BTC/USD"}


async def test_bars_of_a_symbol_nobody_follows_are_left_aside(world):
    engine = world.engine()
    at = world.clock.now()
    engine.known.warm([Bar(instrument("XYZ").symbol, at, 1.0, 1.0, 1.0, 1.0, 0.0)])
    assert engine.known.order() == ("AZO", "BTC/USD")


async def test_an_engine_may_be_stopped_before_its_first_cycle(world):
    engine = world.engine()
    await engine.start()
    await engine.stop()
    assert await kinds(world) == ["strategy"]


async def test_a_log_that_is_away_loses_nothing_and_the_beat_goes_on(world):
    engine = world.engine()
    await engine.start()
    world.log.failing = LogUnavailable("the disk is full")
    for _ in range(3):
        cycle = await engine.cycle(wait=True)
        assert cycle.failed == "the disk is full"
        await world.clock.advance(5)
    assert len(world.observer.of(CycleFailed)) == 3
    assert world.observer.of(SignalPublished) == []
    world.log.failing = None
    cycle = await engine.cycle(wait=True)
    assert cycle.failed is None
    assert len(await signals(world)) == 1
    (event,) = world.observer.of(SignalPublished)
    assert event.index == 1


async def test_a_log_that_cannot_go_on_stops_the_engine(world):
    engine = world.engine()
    await engine.start()
    world.log.failing = LogUnusable("corrupt")
    with pytest.raises(LogUnusable):
        await engine.cycle(wait=True)


async def test_a_clock_behind_the_log_is_refused_at_the_start(world):
    ahead = world.engine()
    await world.clock.advance(3600)
    await ahead.start()
    world.clock.__init__()
    with pytest.raises(ClockBehind, match="clock"):
        await world.engine().start()


async def test_past_bars_warm_volatility_and_regime(world):
    now = world.clock.now()
    world.feeds[0].bars = [
        Bar(
            instrument("AZO").symbol,
            now - timedelta(minutes=401 - n),
            3000 + n,
            3001 + n,
            2999 + n,
            3000.5 + n,
            10,
        )
        for n in range(400)
    ]
    engine = world.engine(history=world.feeds[0])
    await engine.start()
    cycle = await engine.cycle(wait=True)
    azo = next(one for one in cycle.decisions if one.symbol == "AZO")
    assert azo.basis.sigma is not None
    assert azo.basis.regime.value == "trend"


async def test_a_history_that_fails_only_leaves_the_engine_cold(world):
    world.feeds[0].failing = VendorUnavailable("alpaca", "down")
    engine = world.engine(history=world.feeds[0])
    await engine.start()
    assert world.observer.of(SourceFailed)[0].source == ALPACA
    cycle = await engine.cycle(wait=True)
    assert all(one.basis.sigma is None for one in cycle.decisions)


async def test_the_most_volatile_symbol_goes_first(world):
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    for price in ("95100.00", "95050.00", "95120.00"):
        await world.clock.advance(5)
        world.feeds[0].price("BTC/USD", price)
        await engine.cycle(wait=True)
    assert engine.known.order() == ("BTC/USD", "AZO")


async def test_what_does_not_belong_is_dropped(world):
    engine = world.engine()
    await engine.start()
    future = world.clock.now() + timedelta(seconds=6)
    world.sources[MASSIVE].say("AZO", 0.9, as_of=future)
    for feed in world.feeds:
        feed.price("AZO", "3100.00", at=future)
    cycle = await engine.cycle(wait=True)
    azo = next(one for one in cycle.decisions if one.symbol == "AZO")
    assert azo.reason is Reason.NO_MARKET_DATA
    assert MASSIVE not in azo.basis.opinions


async def test_a_price_too_small_for_its_tick_is_no_price(world):
    for feed in world.feeds:
        feed.price("AZO", "0.01")
    engine = world.engine()
    await engine.start()
    cycle = await engine.cycle(wait=True)
    azo = next(one for one in cycle.decisions if one.symbol == "AZO")
    assert azo.reason is Reason.NO_MARKET_DATA


async def test_an_opinion_older_than_the_known_one_is_dropped(world):
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    known = engine.known.opinions["AZO"][MASSIVE]
    await world.clock.advance(20)
    world.sources[MASSIVE].say("AZO", -0.9, as_of=known.as_of - timedelta(seconds=1))
    await engine.cycle(wait=True)
    assert engine.known.opinions["AZO"][MASSIVE] == known


async def test_why_not_tells_the_least_change_that_would_have_made_a_signal(world):
    engine = world.engine()
    await engine.start()
    assert engine.why_not(instrument("BTC/USD").symbol) == ()
    await engine.cycle(wait=True)
    changes = engine.why_not(instrument("BTC/USD").symbol)
    assert changes[0].size == min(change.size for change in changes)


async def test_an_engine_wants_exactly_the_enabled_sources(world):
    del world.sources[SONAR]
    with pytest.raises(InvalidSetting, match="sources"):
        world.engine()


async def test_a_symbol_given_twice_is_refused(world):
    with pytest.raises(InvalidInput, match="instruments"):
        type(world)((world.instruments[0],) * 2, world.profile, sources=world.sources).engine()


async def test_a_disabled_source_leaves_the_profile_and_its_name_says_so(world):
    profile = world.profile.without(GROK)
    del world.sources[GROK]
    engine = type(world)(
        world.instruments,
        profile,
        world.clock,
        world.log,
        world.observer,
        world.sources,
        world.feeds,
    ).engine()
    await engine.start()
    await engine.cycle(wait=True)
    (signal,) = await signals(world)
    assert signal.profile == "weighted-consensus-6.0-no-grok"
    assert signal.direction is Direction.BUY


async def test_stopping_cancels_what_is_under_way_within_the_moment(world):
    for source in world.sources.values():
        source.seconds = 3600
    world.feeds[0].seconds = 3600
    engine = world.engine()
    await engine.start()
    cycle = asyncio.create_task(engine.cycle())
    await world.clock.advance(0.25)
    await cycle
    await engine.stop()
    # Only this test's own task is left.
    assert len(asyncio.all_tasks()) == 1


async def test_what_a_failed_ask_cost_is_in_the_event(world):
    world.sources[GROK].failing = VendorUnavailable("grok", "cut off", calls=2, usd=Decimal("0.03"))
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    (event,) = world.observer.of(SourceFailed)
    assert (event.calls, event.usd) == (2, Decimal("0.03"))


def test_a_fake_source_is_what_the_engine_takes():
    assert FakeSource(MASSIVE).name == MASSIVE
