"""One source behind cache, flight, budget and breaker: asked only for what nobody knows yet."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.consensus.formed import Formed
from argo_core.consensus.opinion import MASSIVE, Opinion
from argo_core.consensus.profile import Profile
from argo_core.engine.asks import Wish
from argo_core.engine.guarded_opinions import GuardedOpinions
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.errors import VendorGarbled, VendorUnavailable
from argo_core.events import CacheLooked
from argo_core.market.instrument import instrument
from argo_core.ports import Answer
from argo_core.testing.fake_cache import FakeCache
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_shared import FakeFlightLocks
from argo_core.testing.fake_source import FakeSource

POLICY = Profile().sources[MASSIVE]
TTL = POLICY.refresh_after_s


def wish(
    symbol: str = "AZO", price: str | None = "100", enough_s: float = TTL, ttl_s: float = TTL
) -> Wish:
    known = None if price is None else Decimal(price)
    return Wish(instrument(symbol), known, enough_s, ttl_s)


class Desk:
    """One vendor, and as many processes that ask it as a test needs."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.observer = FakeObserver()
        self.cache: FakeCache[Formed] = FakeCache()
        self.locks = FakeFlightLocks(self.clock)
        self.source = FakeSource(MASSIVE, clock=self.clock)
        self.source.say("AZO", 0.5)
        self.source.say("TPL", -0.5)

    def process(self, **changes) -> GuardedOpinions:
        given = {
            "clock": self.clock,
            "observer": self.observer,
            "cache": self.cache,
            "flight": SharedFlight(self.clock, self.locks),
        }
        return GuardedOpinions(self.source, POLICY, **(given | changes))

    @property
    def asks(self) -> int:
        return len(self.source.asked)


@pytest.fixture
def desk():
    return Desk()


async def test_what_was_asked_a_moment_ago_is_not_asked_again(desk):
    here, there = desk.process(), desk.process()
    first = await here.ask([wish()])
    await desk.clock.advance(TTL / 2)
    second = await there.ask([wish()])
    assert first.entries == second.entries
    assert second.failure is None
    assert desk.asks == 1


async def test_looks_are_counted_as_fresh_stale_and_missed(desk):
    process = desk.process()
    await process.ask([wish()])
    await process.ask([wish(), wish("TPL")])
    await desk.clock.advance(TTL)
    await process.ask([wish()])
    counts = [(one.fresh, one.stale, one.missed) for one in desk.observer.of(CacheLooked)]
    assert counts == [(0, 0, 1), (1, 0, 1), (0, 1, 0)]


async def test_only_what_nobody_knows_is_asked_for(desk):
    process = desk.process()
    await process.ask([wish()])
    brought = await process.ask([wish(), wish("TPL")])
    assert desk.source.asked == [("AZO",), ("TPL",)]
    assert {entry.value.opinion.symbol for entry in brought.entries} == {"AZO", "TPL"}


async def test_an_answer_lives_as_long_as_its_wish_says_and_never_longer(desk):
    process = desk.process()
    await process.ask([wish(ttl_s=8)])
    # By the jitter's middle five percent shorter.
    await desk.clock.advance(7.5)
    await process.ask([wish()])
    assert desk.asks == 1
    await desk.clock.advance(0.2)
    await process.ask([wish()])
    assert desk.asks == 2


async def test_a_wish_may_want_something_younger_than_what_is_fresh(desk):
    process = desk.process()
    await process.ask([wish()])
    await desk.clock.advance(6)
    await process.ask([wish(enough_s=7)])
    assert desk.asks == 1
    await process.ask([wish(enough_s=6)])
    assert desk.asks == 2


async def test_a_price_that_has_moved_makes_the_answer_stale_at_once(desk):
    process = desk.process()
    await process.ask([wish(price="100")])
    await process.ask([wish(price="100.49")])
    assert desk.asks == 1
    await process.ask([wish(price="100.51")])
    assert desk.asks == 2
    # The new answer was formed at the new price.
    await process.ask([wish(price="100.51")])
    assert desk.asks == 2


async def test_two_processes_that_see_the_same_move_ask_once(desk):
    here, there = desk.process(), desk.process()
    await here.ask([wish(price="100")])
    desk.source.seconds = 1.0
    asks = [asyncio.create_task(one.ask([wish(price="101")])) for one in (here, there)]
    await desk.clock.advance(2)
    brought = [await ask for ask in asks]
    assert brought[0].entries == brought[1].entries
    assert desk.asks == 2


async def test_without_a_price_nothing_is_outdated(desk):
    process = desk.process()
    await process.ask([wish(price=None)])
    await process.ask([wish(price="101")])
    assert desk.asks == 1


async def test_of_two_processes_that_want_the_same_one_asks_and_both_have_it(desk):
    desk.source.seconds = 1.0
    asks = [asyncio.create_task(desk.process().ask([wish()])) for _ in range(2)]
    await desk.clock.advance(2)
    brought = [await ask for ask in asks]
    assert [one.failure for one in brought] == [None, None]
    assert brought[0].entries == brought[1].entries
    assert desk.asks == 1


async def test_who_waited_asks_for_what_the_other_did_not_want(desk):
    desk.source.seconds = 1.0
    asks = [
        asyncio.create_task(desk.process().ask([wish()])),
        asyncio.create_task(desk.process().ask([wish(), wish("TPL")])),
    ]
    await desk.clock.advance(3)
    assert len((await asks[1]).entries) == 2
    assert desk.source.asked == [("AZO",), ("TPL",)]


async def test_a_holder_of_the_lock_that_died_is_waited_for_no_longer_than_an_ask_may_take(desk):
    await desk.locks.take("ask:massive", 3_600)
    asking = asyncio.create_task(desk.process().ask([wish()]))
    await desk.clock.advance(POLICY.timeout_s)
    assert desk.asks == 0
    await desk.clock.advance(3)
    assert len((await asking).entries) == 1


async def test_locks_out_of_reach_stop_nobody(desk):
    desk.locks.away = True
    assert len((await desk.process().ask([wish()])).entries) == 1


async def test_a_cache_out_of_reach_stops_nobody(desk):
    desk.cache.away = True
    process = desk.process()
    for _ in range(2):
        assert len((await process.ask([wish()])).entries) == 1
    assert desk.asks == 2


async def test_without_cache_and_locks_every_wish_is_asked_for(desk):
    process = desk.process(cache=None, flight=None)
    for _ in range(2):
        assert len((await process.ask([wish()])).entries) == 1
    assert desk.asks == 2
    assert desk.observer.of(CacheLooked) == []
    assert await process.remembered([instrument("AZO").symbol]) == ()


async def test_an_error_leaves_what_was_found(desk):
    process = desk.process()
    await process.ask([wish()])
    desk.source.failing = VendorUnavailable("massive", "down")
    brought = await process.ask([wish(), wish("TPL")])
    assert [entry.value.opinion.symbol for entry in brought.entries] == ["AZO"]
    assert brought.failure is desk.source.failing


async def test_a_move_during_a_flight_is_not_undone_by_its_answer(desk):
    desk.source.seconds = 1.0
    late = desk.process(flight=SharedFlight(desk.clock))
    await_first = asyncio.create_task(late.ask([wish(price="100")]))
    await desk.clock.settle()
    # Meanwhile somebody has seen the price move and begun a new generation.
    (key,) = (f"opinion:massive:{desk.source.model}:AZO",)
    await desk.cache.invalidate({key: 0})
    await desk.clock.advance(1)
    assert len((await await_first).entries) == 1
    desk.source.seconds = 0.0
    await desk.process().ask([wish(price="100")])
    assert desk.asks == 2


async def test_an_older_answer_does_not_replace_a_newer_one(desk):
    process = desk.process()
    await process.ask([wish()])
    desk.source.say("AZO", -0.9, as_of=BEGINNING - timedelta(minutes=1))
    await process.ask([wish(enough_s=1e-9)])
    (entry,) = await process.remembered([instrument("AZO").symbol])
    assert entry.value.opinion.strength == 0.5


async def test_an_answer_from_the_future_is_neither_heard_nor_kept(desk):
    desk.source.say("AZO", 0.9, as_of=BEGINNING + timedelta(hours=1))
    process = desk.process()
    assert (await process.ask([wish()])).entries == ()
    desk.source.say("AZO", 0.5)
    assert len((await process.ask([wish()])).entries) == 1


async def test_what_another_clock_stored_in_the_future_is_not_fresh(desk):
    process = desk.process()
    await process.ask([wish()])
    (key,) = (f"opinion:massive:{desk.source.model}:AZO",)
    entry = (await desk.cache.get([key]))[key].entry
    ahead = timedelta(hours=1)
    moments = ("as_of", "stored_at", "soft", "revalidate", "error")
    await desk.cache.put(
        {key: evolve(entry, **{name: getattr(entry, name) + ahead for name in moments})}
    )
    await process.ask([wish()])
    assert desk.asks == 2
    assert await process.remembered([instrument("AZO").symbol]) == ()


async def test_another_model_is_another_question(desk):
    await desk.process().ask([wish()])
    desk.source = FakeSource(MASSIVE, model="fake-2", clock=desk.clock)
    desk.source.say("AZO", 0.1)
    await desk.process().ask([wish()])
    assert desk.asks == 1


async def test_a_new_process_remembers_what_was_said_until_it_has_faded(desk):
    await desk.process().ask([wish()])
    await desk.clock.advance(POLICY.max_age_s - 1)
    reborn = desk.process()
    assert len(await reborn.remembered([instrument("AZO").symbol, instrument("TPL").symbol])) == 1
    await desk.clock.advance(1)
    assert await reborn.remembered([instrument("AZO").symbol]) == ()


async def test_an_opinion_under_another_name_is_not_kept(desk):
    class Impostor(FakeSource):
        """Answers in somebody else's name."""

        async def opinions(self, asked, now):
            answer = await super().opinions(asked, now)
            return evolve(answer, items=tuple(evolve(one, source="grok") for one in answer.items))

    desk.source = Impostor(MASSIVE)
    desk.source.say("AZO", 0.5)
    assert (await desk.process().ask([wish()])).entries == ()


async def test_an_adapter_that_cannot_say_what_it_may_cost_is_not_asked(desk):
    class Clueless(FakeSource):
        """Trips before it is asked."""

        def most(self, asked, now):
            raise ZeroDivisionError

    desk.source = Clueless(MASSIVE)
    brought = await desk.process().ask([wish()])
    assert isinstance(brought.failure, VendorGarbled)
    assert "ZeroDivisionError" in str(brought.failure)
    assert desk.asks == 0


async def test_expiry_is_spread_by_chance(desk):
    early = desk.process(shield=Shield(chance=lambda: 0.999))
    await early.ask([wish()])
    await desk.clock.advance(TTL * 0.905)
    await early.ask([wish()])
    assert desk.asks == 2


async def test_no_answer_about_a_symbol_is_no_entry(desk):
    desk.source.forget("TPL")
    brought = await desk.process().ask([wish(), wish("TPL")])
    assert len(brought.entries) == 1
    assert isinstance(brought.entries[0].value.opinion, Opinion)
    assert isinstance(await desk.source.opinions([], BEGINNING), Answer)
