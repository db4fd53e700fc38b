"""Shards decide what one process decides, whatever becomes of their workers."""

import asyncio
import random
from datetime import timedelta

import pytest

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.reasons import Direction, Reason
from argo_core.engine.decide import decide
from argo_core.engine.picture import Outcome
from argo_core.engine.shards.placing import placed
from argo_core.engine.shards.sharding import MOST_SHARDS, Sharding, Shards
from argo_core.engine.shards.wire import Mix, Order, Reply, Said, decode, encode
from argo_core.errors import InvalidInput
from argo_core.events import ShardMissed, ShardMoved, WorkersChanged
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_workers import FakeWorkers
from argo_core.testing.sharded_market import INSTRUMENTS, PROFILE, ShardedMarket

NAMES = ("a", "b", "c")


class Market(ShardedMarket):
    """On a clock that stands still until told; the coordinator has the given workers."""

    def __init__(self, workers, *, shards=4, deadline_s=1.0, seed=1) -> None:
        self.clock, self.observer = FakeClock(), FakeObserver()
        self.workers = workers
        sharding = Sharding(workers, "run", "code", shards, deadline_s)
        super().__init__(sharding, self.clock, self.observer, seed)

    async def cycle(self, *, refused=False, lasts_s=1.0):
        """One cycle of five seconds; what it finds is what one process does."""
        cycle = asyncio.create_task(self.compared(refused=refused))
        await self.clock.advance(lasts_s)
        found = await cycle
        await self.clock.advance(5 - lasts_s)
        return found

    def moves(self):
        return [(one.before, one.after) for one in self.observer.of(ShardMoved)]


@pytest.mark.parametrize("count", [1, 2, 8])
async def test_any_number_of_workers_decides_what_one_process_does(count) -> None:
    market = Market(FakeWorkers(*(f"worker-{n}" for n in range(count))))
    signals = 0
    for _ in range(40):
        found = await market.cycle()
        signals += sum(one.signal is not None for one in found.decisions)
        assert not found.missed
    assert signals > 20
    assert market.observer.events == [WorkersChanged(market.observer.events[0].at, count)]
    await market.shards.stop()


async def test_after_the_first_step_only_what_is_new_is_sent() -> None:
    workers, sizes = FakeWorkers("a"), []
    market = Market(workers, shards=1)
    take = workers.step

    async def weighed(worker, order):
        sizes.append(len(order))
        return await take(worker, order)

    workers.step = weighed
    for _ in range(12):
        await market.cycle()
    market.stir = lambda: None
    await market.cycle()
    await market.cycle()
    assert len(sizes) == 14
    # An order that has nothing to tell is its frame alone; a snapshot now would have everything.
    assert sizes[-1] < 1_000
    market.workers.forget("a")
    await market.cycle()
    assert sizes[-1] > 10 * sizes[-3]


async def test_a_batch_that_was_refused_is_not_what_the_next_step_stands_on() -> None:
    market = Market(FakeWorkers(*NAMES))
    for number in range(30):
        assert not (await market.cycle(refused=number % 3 == 1)).missed


async def test_a_worker_that_lost_its_memory_is_sent_a_snapshot_in_the_same_cycle() -> None:
    market = Market(FakeWorkers(*NAMES))
    for number in range(12):
        if number % 4 == 2:
            market.workers.forget("a")
        assert not (await market.cycle()).missed
    assert market.moves() == []


async def test_a_worker_that_breaks_in_mid_cycle_is_replaced_inside_the_deadline() -> None:
    market = Market(FakeWorkers(*NAMES))
    await market.cycle()
    market.workers.break_down("a")
    assert not (await market.cycle()).missed
    assert {before for before, _ in market.moves()} == {"a"}
    assert all(after in {"b", "c"} for _, after in market.moves())
    assert not (await market.cycle()).missed


async def test_a_worker_that_dies_at_a_step_fails_it_at_once() -> None:
    market = Market(FakeWorkers("a", "b"))
    await market.cycle()
    market.workers.pause("a")
    market.stir()
    pictures, now = market.pictures(), market.clock.now()
    deciding = asyncio.create_task(market.shards.decide(pictures, now))
    await market.clock.settle()
    market.workers.leave("a")
    found = await deciding
    assert found.decisions == decide(pictures, PROFILE, "test", now)
    assert set(market.moves()) == {("a", "b")}


async def test_without_any_worker_this_process_decides() -> None:
    market = Market(FakeWorkers("a"))
    await market.cycle()
    market.workers.break_down("a")
    assert not (await market.cycle()).missed
    assert {after for _, after in market.moves()} == {""}
    market.workers.leave("a")
    assert not (await market.cycle()).missed
    assert not market.shards.places
    market.workers.join("b")
    assert not (await market.cycle()).missed
    assert set(market.shards.places.values()) == {"b"}
    told = [one.workers for one in market.observer.of(WorkersChanged)]
    assert told == [1, 0, 1]


async def test_a_paused_worker_costs_its_symbols_one_cycle_and_is_asked_nothing_more() -> None:
    market = Market(FakeWorkers("a", "b"))
    await market.cycle()
    mine = [shard for shard, worker in market.shards.places.items() if worker == "a"]
    market.workers.pause("a")
    missed = (await market.cycle()).missed
    assert len(missed) == sum(one.symbols for one in market.observer.of(ShardMissed))
    assert [one.shard for one in market.observer.of(ShardMissed)] == mine
    assert market.shards.stuck == {"a"}
    asked = market.workers.asked.count("a")
    for _ in range(3):
        assert not (await market.cycle()).missed
    assert market.workers.asked.count("a") == asked
    assert set(market.shards.places.values()) == {"b"}
    market.workers.go_on("a")
    await market.clock.settle()
    await market.cycle()
    assert not market.shards.stuck
    assert set(market.shards.places.values()) == {"a", "b"}
    assert not (await market.cycle()).missed


async def test_a_late_step_that_ends_before_the_next_cycle_is_built_upon() -> None:
    market = Market(FakeWorkers("a"), shards=1)
    await market.cycle()
    market.workers.pause("a")
    assert len((await market.cycle()).missed) == len(INSTRUMENTS)
    market.workers.go_on("a")
    await market.clock.settle()
    # The cycle after a miss is decided here, so that nobody misses two; then it goes on there.
    asked = len(market.workers.asked)
    assert not (await market.cycle()).missed
    assert len(market.workers.asked) == asked
    for _ in range(3):
        assert not (await market.cycle()).missed
    assert len(market.workers.asked) == asked + 3
    assert market.moves() == []


async def test_a_late_step_that_fails_after_all_is_not_begun_anew() -> None:
    market = Market(FakeWorkers("a", "b"), shards=2)
    await market.cycle()
    market.workers.pause("a")
    await market.cycle()
    asked = len(market.workers.asked)
    market.workers.leave("a")
    await market.clock.settle()
    assert len(market.workers.asked) == asked
    assert not (await market.cycle()).missed


async def test_a_worker_that_stands_in_and_is_late_is_the_one_that_is_asked_nothing_more() -> None:
    market = Market(FakeWorkers("a", "b"), shards=2)
    await market.cycle()
    (its_own,) = (shard for shard, worker in market.shards.places.items() if worker == "a")
    market.workers.break_down("a")
    market.workers.pause("b")
    await market.cycle()
    late = {one.shard: one.worker for one in market.observer.of(ShardMissed)}
    assert late == {0: "b", 1: "b"}
    assert its_own in late
    assert market.shards.stuck == {"b"}
    asked = market.workers.asked.count("b")
    assert not (await market.cycle()).missed
    assert market.workers.asked.count("b") == asked


async def test_a_late_worker_that_has_gone_is_waited_for_by_nobody() -> None:
    market = Market(FakeWorkers("a", "b"))
    await market.cycle()
    market.workers.pause("a")
    await market.cycle()
    # It is gone from the list, and what it was at hangs all the same.
    market.workers._hosts.pop("a")
    await market.cycle()
    await market.cycle()
    assert not market.shards.stuck


async def test_workers_of_other_code_are_not_asked_again() -> None:
    workers = FakeWorkers("a")
    workers.join("b", code="other")
    market = Market(workers)
    assert not (await market.cycle()).missed
    assert all("other code" in one.why for one in market.observer.of(ShardMoved))
    asked = workers.asked.count("b")
    assert not (await market.cycle()).missed
    assert workers.asked.count("b") == asked
    workers.leave("b")
    await market.cycle()
    workers.join("b")
    await market.cycle()
    assert "b" in market.shards.places.values()


class Nonsense(FakeWorkers):
    """Answers with something else, and has bugs."""

    reply: object = b"nonsense"

    async def step(self, worker, order):
        self.asked.append(worker)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


UNKNOWN = Mix((1, 0.0, 0.0, 0.0, 0.0, 0.0), ((SourceName("nobody"), 1.0, 1),), (), ())
STRANGE = Said(
    INSTRUMENTS[0].symbol, Outcome.HOLD, Direction.HOLD, Reason.STALE, 0, UNKNOWN, None, None
)


@pytest.mark.parametrize(
    "reply", [b"nonsense", ZeroDivisionError("a bug"), encode(Reply(1, (STRANGE,)))]
)
async def test_replies_that_cannot_be_read_cost_nobody_a_decision(reply) -> None:
    workers = Nonsense("a")
    workers.reply = reply
    market = Market(workers)
    assert not (await market.cycle()).missed
    assert {after for _, after in market.moves()} == {""}


async def test_a_reply_that_leaves_symbols_out_is_not_used() -> None:
    class Sparing(FakeWorkers):
        async def step(self, worker, order):
            return encode(Reply(decode(order, Order).number))

    market = Market(Sparing("a"))
    assert not (await market.cycle()).missed
    assert all("did not answer" in one.why for one in market.observer.of(ShardMoved))


async def test_a_coordinator_that_is_cancelled_leaves_nothing_behind() -> None:
    market = Market(FakeWorkers("a"))
    market.workers.pause("a")
    deciding = asyncio.create_task(market.shards.decide(market.pictures(), market.clock.now()))
    await market.clock.settle()
    deciding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deciding
    await market.shards.stop()
    assert not [one for one in asyncio.all_tasks() if one.get_name().startswith("shard ")]


async def test_of_no_symbols_there_is_nothing_to_decide() -> None:
    sharding = Sharding(FakeWorkers("a"), "run", "code")
    shards = Shards(sharding, (), PROFILE, "test", clock=FakeClock(), observer=FakeObserver())
    assert (await shards.decide((), FakeClock().now())).decisions == ()


@pytest.mark.parametrize("seed", range(12))
async def test_no_symbol_ever_misses_two_cycles_whatever_happens_to_workers(seed) -> None:
    market = Market(FakeWorkers(*NAMES), shards=5, seed=seed)
    chance = random.Random(seed)  # noqa: S311 - seeded chance is wanted here
    before: frozenset[str] = frozenset()
    missed = 0
    for _ in range(40):
        name = chance.choice((*NAMES, "d"))
        happens = chance.choice(("join", "leave", "forget", "break_down", "pause", "go_on", ""))
        if happens:
            getattr(market.workers, happens)(name)
        late = frozenset((await market.cycle(refused=chance.random() < 0.1)).missed)
        assert not late & before
        missed, before = missed + len(late), late
    assert missed == sum(one.symbols for one in market.observer.of(ShardMissed))
    await market.shards.stop()


@pytest.mark.parametrize(
    ("shards", "deadline_s"), [(0, 1.0), (MOST_SHARDS + 1, 1.0), (8, 0.0), (8, 61.0)]
)
def test_nonsense_is_refused(shards, deadline_s) -> None:
    with pytest.raises(InvalidInput):
        Sharding(FakeWorkers("a"), "run", "code", shards, deadline_s)


def test_shards_stay_where_they_are_as_far_as_that_is_fair() -> None:
    first = placed(range(8), {}, ["a", "b"])
    assert sorted(first.values()) == ["a"] * 4 + ["b"] * 4
    joined = placed(range(8), first, ["a", "b", "c"])
    moved = [shard for shard in first if joined[shard] != first[shard]]
    assert len(moved) == 2
    assert {joined[shard] for shard in moved} == {"c"}
    left = placed(range(8), joined, ["a", "c"])
    assert all(left[shard] == joined[shard] for shard in joined if joined[shard] != "b")
    assert placed(range(8), left, []) == {}


async def test_minutes_between_cycles_are_no_trouble() -> None:
    market = Market(FakeWorkers("a"))
    for _ in range(4):
        await market.cycle()
        await market.clock.advance(timedelta(minutes=10).total_seconds())
