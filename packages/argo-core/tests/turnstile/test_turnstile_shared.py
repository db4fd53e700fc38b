"""Several processes before one vendor: what they share decides, and each can do without it."""

import asyncio

import pytest

from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import VendorThrottled, VendorUnavailable
from argo_core.events import BreakerChanged
from argo_core.resilience.breaker_table import Command, State
from argo_core.resilience.permit import Outcome, Rejected
from argo_core.testing.fake_clock import FakeClock

AWAY = VendorUnavailable(MASSIVE, "no connection")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(desk_of, clock):
    return desk_of(clock)


@pytest.fixture
def pair_of(bench_of, clock, desk):
    """Two processes at one desk."""

    def build(**how):
        how = {"rate": 1.0, "burst": 2.0, "instances": 2, "clock": clock} | how
        return [bench_of(**how) for _ in range(2)]

    return build


async def test_processes_keep_one_limit_together(pair_of, clock, desk):
    one, other = pair_of(limits_desk=desk)
    for bench in (one, other) * 6:
        bench.begin()
    await clock.advance(10.1)
    made = sorted(one.made + other.made)
    assert made == pytest.approx([0.0, 0.0, *map(float, range(1, 11))], abs=0.02)
    assert min(len(one.made), len(other.made)) >= 4
    assert desk.asked < 40


async def test_who_waits_for_the_others_keeps_its_turn(pair_of, clock, desk):
    one, other = pair_of(limits_desk=desk)
    await other.call()
    await other.call()
    order = []

    async def named(number):
        await one.call()
        order.append(number)

    for number in range(5):
        one.tasks.append(asyncio.create_task(named(number)))
    await clock.advance(6.0)
    assert order == [0, 1, 2, 3, 4]
    assert not one.others()


async def test_who_would_wait_too_long_for_the_others_gives_its_token_back(pair_of, clock, desk):
    one, other = pair_of(limits_desk=desk)
    await other.call()
    await other.call()
    with pytest.raises(VendorUnavailable, match="after its deadline") as caught:
        await one.call(wait_s=0.5)
    assert caught.value.retry_after_s == pytest.approx(1.0)
    assert one.turnstile.tokens == (2.0,)
    assert one.made == []


async def test_while_the_others_are_away_each_keeps_to_its_part(pair_of, clock, desk):
    pair = pair_of(limits_desk=desk, burst=4.0)
    desk.away = True
    for bench in pair:
        for _ in range(40):
            bench.begin()
    await clock.advance(20.0)
    for bench in pair:
        # A burst of two, and then half a call each second.
        assert len(bench.made) <= 2 + 10 + 2
        assert len(bench.made) >= 10
    desk.away = False
    before = sum(len(bench.made) for bench in pair)
    await clock.advance(20.0)
    assert sum(len(bench.made) for bench in pair) - before == pytest.approx(20, abs=5)
    for bench in pair:
        for task in bench.tasks:
            task.cancel()
        await asyncio.gather(*bench.tasks, return_exceptions=True)


async def test_back_within_reach_the_own_limit_is_whole_again(pair_of, clock, desk):
    one, _ = pair_of(limits_desk=desk)
    desk.away = True
    await one.call()
    assert one.turnstile._line._limiter._buckets[0].rate == 0.5
    desk.away = False
    await clock.advance(10.0)
    await one.call()
    assert one.turnstile._line._limiter._buckets[0].rate == 1.0


async def test_whoever_is_cancelled_while_asking_the_others_leaves_nothing(pair_of, clock, desk):
    one, _ = pair_of(limits_desk=desk)
    desk.takes_s = 1.0
    asking = one.begin()
    await clock.advance(0.5)
    asking.cancel()
    await asyncio.wait([asking])
    assert one.turnstile.tokens == (2.0,)
    assert not one.turnstile._line._waiting


@pytest.mark.parametrize("away", [True, False])
async def test_a_pause_is_told_to_the_others(pair_of, clock, desk, away):
    one, _ = pair_of(limits_desk=desk)

    async def leaves(_):
        desk.away = away

    with pytest.raises(VendorThrottled):
        await one.call(VendorThrottled(MASSIVE, "too many", retry_after_s=9.0), does=leaves)
    assert desk.pauses == ([] if away else [9.0])
    assert one.turnstile.ready_in_s == 9.0


@pytest.mark.parametrize("away", [True, False])
async def test_a_token_of_all_is_given_back_when_the_breaker_says_no(pair_of, clock, desk, away):
    one, _ = pair_of(limits_desk=desk, burst=6.0)
    await one.fails(AWAY, 4)
    failing = one.begin(AWAY, takes_s=0.5)
    await clock.settle()
    desk.takes_s = 1.0
    late = one.begin()
    await clock.advance(1.2)
    desk.away = away
    await clock.advance(1.0)
    assert isinstance(failing.exception(), VendorUnavailable)
    assert "OPEN" in str(late.exception())
    assert len(one.made) == 5
    assert desk.refunded == (0 if away else 1)


async def test_the_shared_breaker_decides_for_all(pair_of, clock, desk):
    one, other = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    for bench in (one, other, one, other, one):
        await bench.fails(AWAY)
    assert other.turnstile.peek() is None
    with pytest.raises(VendorUnavailable, match="OPEN"):
        await other.call()
    assert other.turnstile.peek() == Rejected(State.OPEN, 5.0)
    assert other.turnstile.state is State.OPEN
    assert other.turnstile.tokens == (98.0,)
    await clock.advance(5.0)
    await other.call()
    assert other.turnstile.state is State.HALF_OPEN
    await one.call()
    await other.call()
    assert other.turnstile.state is State.CLOSED
    assert [(event.before, event.after) for event in other.observer.of(BreakerChanged)] == [
        (State.CLOSED, State.OPEN),
        (State.OPEN, State.HALF_OPEN),
        (State.HALF_OPEN, State.CLOSED),
    ]


async def test_of_all_processes_one_alone_probes(pair_of, clock, desk):
    one, other = pair_of(breaker_desk=desk, rate=1_000.0, burst=1_000.0)
    await one.fails(AWAY, 5)
    await clock.advance(5.0)
    made = len(one.made)
    tasks = [bench.begin(takes_s=1.0) for bench in (one, other) for _ in range(50)]
    await clock.advance(0.5)
    assert len(one.made) - made + len(other.made) == 1
    assert sum(task.done() for task in tasks) == 99
    # Nobody can know how soon the probe comes back, so it is asked for each time.
    assert other.turnstile.peek() is None


async def test_the_own_breaker_knows_the_source_when_it_has_to_decide_alone(pair_of, clock, desk):
    one, _ = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    await one.fails(AWAY, 4)
    desk.away = True
    await one.fails(AWAY)
    with pytest.raises(VendorUnavailable, match="OPEN"):
        await one.call()
    assert one.turnstile.state is State.OPEN
    assert one.turnstile.peek() == Rejected(State.OPEN, 5.0)
    await clock.advance(5.0)
    await one.call()
    await one.call()
    assert one.turnstile.state is State.CLOSED


async def test_what_the_shared_breaker_said_last_still_counts_when_it_is_away(pair_of, clock, desk):
    one, other = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    await other.fails(AWAY, 5)
    with pytest.raises(VendorUnavailable, match="OPEN"):
        await one.call()
    desk.away = True
    await clock.advance(3.0)
    assert one.turnstile.peek() == Rejected(State.OPEN, 2.0)
    await clock.advance(2.0)
    await one.call()


async def test_a_breaker_that_opens_while_somebody_asks_says_no_to_it(pair_of, clock, desk):
    one, other = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    await other.fails(AWAY, 5)
    desk.takes_s = 1.0
    first, second = one.begin(), one.begin()
    await clock.advance(0.5)
    third = one.begin()
    await clock.advance(0.5)
    desk.away = True
    await clock.advance(2.0)
    assert all("OPEN" in str(task.exception()) for task in (first, second, third))
    assert one.made == []


async def test_whoever_is_cancelled_at_the_shared_breaker_gives_its_token_back(
    pair_of, clock, desk
):
    one, _ = pair_of(breaker_desk=desk)
    desk.takes_s = 1.0
    asking = one.begin()
    await clock.advance(0.5)
    asking.cancel()
    await asyncio.wait([asking])
    assert one.turnstile.tokens == (2.0,)


async def test_an_outcome_that_cannot_be_told_is_known_here(pair_of, clock, desk):
    one, _ = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)

    async def leaves(_):
        desk.away = True

    for _ in range(5):
        desk.away = False
        await one.fails(AWAY, does=leaves)
    assert desk.settled == []
    with pytest.raises(VendorUnavailable, match="OPEN"):
        await one.call()


async def test_slow_and_cancelled_calls_are_told_to_the_others(pair_of, clock, desk):
    one, _ = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    slow = one.begin(takes_s=2.5)
    await clock.advance(2.4)
    slow.cancel()
    await asyncio.wait([slow])
    await one.fails(VendorUnavailable(MASSIVE, "status 503", retry_after_s=4.0))
    assert desk.settled == [(Outcome.IGNORED, True, 0.0), (Outcome.FAILURE, False, 4.0)]


async def test_an_operators_command_holds_here_whatever_the_others_say(pair_of, clock, desk):
    one, other = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    one.turnstile.command(Command.FORCE_OPEN)
    with pytest.raises(VendorUnavailable, match="FORCED_OPEN"):
        await one.call()
    await other.fails(AWAY, 5)
    one.turnstile.command(Command.DISABLE)
    await one.call()
    one.turnstile.command(Command.RESET)
    with pytest.raises(VendorUnavailable, match="OPEN"):
        await one.call()


async def test_when_the_own_breaker_is_of_another_mind_the_shared_one_decides(pair_of, clock, desk):
    one, _ = pair_of(breaker_desk=desk, rate=100.0, burst=100.0)
    await one.fails(AWAY, 4)
    # For the others all is well, and the own breaker alone has seen five failures in a row.
    desk.breaker(one.breaker).command(Command.ONLY_MEASURE, clock.monotonic())
    await one.fails(AWAY, 3)
    await one.call()
    assert one.turnstile.state is State.CLOSED
