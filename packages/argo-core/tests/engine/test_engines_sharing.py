"""Two engines that share cache and locks, and an engine that starts warm."""

from attrs import evolve

from argo_core.consensus.opinion import GROK, MASSIVE, Fact, SourceName
from argo_core.engine.cycle import Cycle
from argo_core.engine.engine import Engine
from argo_core.engine.outside import Writing
from argo_core.events import CycleFinished, SignalPublished, SourceAnswered
from argo_core.market.session import Phase
from argo_core.signals.signal import Signal
from argo_core.testing.fake_cache import FakeCache
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_reasoner import FakeReasoner
from argo_core.testing.fake_shared import FakeFlightLocks


def engines(world, count: int) -> list[Engine]:
    """Engines of their own logs over one cache and one store of locks."""
    shared = {
        "opinion_cache": FakeCache(),
        "quote_cache": FakeCache(),
        "locks": FakeFlightLocks(world.clock),
    }
    made = []
    for _ in range(count):
        log = FakeLog()
        one = world.engine()
        outside = evolve(one.outside, log=log, index=log, **shared)
        made.append(Engine(world.profile, world.instruments, outside, one._registration))
    return made


async def calls(world, count: int, beats: int = 60) -> int:
    """How often vendors are asked while so many engines run side by side."""
    running = engines(world, count)
    for engine in running:
        await engine.start()
    before = len(world.observer.of(SourceAnswered))
    for _ in range(beats):
        for engine in running:
            await engine.cycle()
            await world.clock.advance(world.profile.beat_s / count)
    for engine in running:
        await engine.stop()
    return len(world.observer.of(SourceAnswered)) - before


async def test_two_engines_together_ask_hardly_more_than_one_alone(world):
    alone = await calls(world, 1)
    together = await calls(world, 2)
    assert alone > 60
    assert together <= 1.1 * alone


async def test_both_engines_have_the_same_opinions(world):
    running = engines(world, 2)
    for engine in running:
        await engine.start()
    for _ in range(4):
        for engine in running:
            await engine.cycle()
            await world.clock.settle()
        await world.clock.advance(world.profile.beat_s)
    assert running[0].known.opinions == running[1].known.opinions
    assert {one.direction for one in world.observer.of(SignalPublished)} == {"BUY"}
    assert len(world.observer.of(SignalPublished)) == 2


async def test_an_engine_starts_with_what_the_cache_still_knows(world):
    first, second = engines(world, 2)
    await first.start()
    await first.cycle(wait=True)
    await first.stop()
    asked = {name: len(source.asked) for name, source in world.sources.items()}
    await world.clock.advance(10)
    await second.start()
    assert set(second.known.opinions["AZO"]) == set(world.sources)
    cycle = await second.cycle(wait=True)
    assert {name: len(source.asked) for name, source in world.sources.items()} == asked
    assert any(one.signal for one in cycle.decisions)


async def test_a_cycle_counts_who_was_heard_and_what_answers_cost(world):
    world.sources[GROK].forget("BTC/USD")
    world.sources[GROK].usd = world.sources[GROK].usd + 1
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    (cycle,) = world.observer.of(CycleFinished)
    assert (cycle.lookups, cycle.hits, cycle.usd) == (8, 7, 1)
    await engine.cycle(wait=True)
    assert world.observer.of(CycleFinished)[-1].usd == 0


async def test_past_the_calendars_end_the_market_counts_as_closed(world):
    engine = world.engine()
    await engine.start()
    await world.clock.advance(3 * 86_400)
    cycle = await engine.cycle(wait=True)
    phases = {one.symbol: one.basis.phase for one in cycle.decisions}
    assert phases == {"AZO": Phase.CLOSED, "BTC/USD": Phase.REGULAR}


async def test_words_come_beside_a_signal_and_into_the_next_one_that_says_the_same(world):
    fact = Fact("RSI", "61", "", world.clock.now())
    world.sources[MASSIVE].say("AZO", 0.9, facts=(fact,))
    plain = world.engine()
    writing = Writing(FakeReasoner(GROK), SourceName("grok_words"), cache=FakeCache())
    engine = Engine(
        world.profile,
        world.instruments,
        evolve(plain.outside, writing=writing),
        plain._registration,
    )
    await engine.start()
    first = _signal(await engine.cycle(wait=True))
    assert first.reasoning_source == "template"
    await engine.writer.landed()
    words = engine.writer.prose(first.id)
    assert words is not None
    assert words.source == "grok"
    asked = [one.source for one in world.observer.of(SourceAnswered)]
    assert asked.count("grok_words") == 1
    await world.clock.advance(world.profile.horizon_s)
    second = _signal(await engine.cycle(wait=True))
    assert (second.reasoning, second.reasoning_source) == (words.text, "grok")
    await engine.stop()


def _signal(cycle: Cycle) -> Signal:
    (signal,) = [one.signal for one in cycle.decisions if one.signal]
    return signal


async def test_a_wild_market_is_asked_about_more_often(world):
    engine = world.engine()
    await engine.start()

    async def asks(beats: int, swing: float) -> int:
        before = len(world.sources[MASSIVE].asked)
        for number in range(beats):
            for feed in world.feeds:
                feed.price("AZO", f"{3100 + swing * (number % 2):.2f}")
            await engine.cycle(wait=True)
            await world.clock.advance(world.profile.beat_s)
        return len(world.sources[MASSIVE].asked) - before

    quiet = await asks(900, 0.1)
    assert quiet == 900 / 3
    # A quarter of a percent is no move that makes an answer stale, but many of them are a storm.
    paid = len(world.sources[GROK].asked)
    assert await asks(60, 8.0) > 1.2 * 60 / 3
    # Five minutes are three times two: volatility alone is not worth money.
    assert len(world.sources[GROK].asked) - paid <= 3
