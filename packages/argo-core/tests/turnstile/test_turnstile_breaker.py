"""What a source's failures do to its calls, at the place where they pass."""

import asyncio
import contextlib
import traceback

import pytest

from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import (
    InvalidInput,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.events import BreakerChanged, CallAdmitted, CallRejected
from argo_core.resilience.breaker_table import Command, State
from argo_core.resilience.permit import Rejected
from argo_core.resilience.queue import Urgency
from argo_core.testing.fake_clock import BEGINNING

AWAY = VendorUnavailable(MASSIVE, "no connection")
STORY = {
    "trip": (State.CLOSED, State.OPEN),
    "cool": (State.OPEN, State.HALF_OPEN),
    "close": (State.HALF_OPEN, State.CLOSED),
    "reopen": (State.HALF_OPEN, State.OPEN),
}


def changes(bench) -> list[tuple[State, State]]:
    return [(one.before, one.after) for one in bench.observer.of(BreakerChanged)]


async def test_a_call_passes_and_says_what_is_left(bench_of):
    bench = bench_of(rate=1.0, burst=3.0)
    await bench.call()
    assert bench.made == [0.0]
    assert bench.observer.events == [CallAdmitted(MASSIVE, BEGINNING, 0.0, (2.0,))]
    assert bench.turnstile.source == MASSIVE
    assert bench.turnstile.tokens == (2.0,)
    assert bench.turnstile.state is State.CLOSED
    assert bench.turnstile.peek() is None


async def test_the_original_error_surfaces_even_when_it_trips(bench_of):
    bench = bench_of()
    await bench.fails(AWAY, 4)
    error = VendorUnavailable(MASSIVE, "the fifth")
    with pytest.raises(VendorUnavailable) as caught:
        await bench.call(error)
    assert caught.value is error
    assert error.__context__ is None
    assert bench.turnstile.state is State.OPEN


@pytest.mark.parametrize("error", [AWAY, VendorGarbled(MASSIVE, "no JSON"), ValueError("a bug")])
async def test_failures_in_a_row_trip_and_then_nothing_is_sent(bench_of, error):
    bench = bench_of()
    await bench.fails(error, 5)
    with pytest.raises(VendorUnavailable, match="breaker is OPEN") as caught:
        await bench.call()
    assert len(bench.made) == 5
    assert (caught.value.calls, caught.value.retry_after_s) == (0, 5.0)
    assert bench.observer.of(BreakerChanged) == [
        BreakerChanged(MASSIVE, BEGINNING, State.CLOSED, State.OPEN, 5.0)
    ]
    assert bench.observer.of(CallRejected) == [CallRejected(MASSIVE, BEGINNING, "breaker", 5.0)]
    assert bench.turnstile.peek() == Rejected(State.OPEN, 5.0)


async def test_eighty_percent_failures_trip(bench_of):
    bench = bench_of()
    for _ in range(4):
        await bench.fails(AWAY)
    await bench.call()
    assert bench.turnstile.state is State.OPEN


async def test_a_client_error_never_trips(bench_of):
    bench = bench_of()
    await bench.fails(VendorRefused(MASSIVE, "a wrong key"), 50)
    assert bench.turnstile.state is State.CLOSED
    assert len(bench.made) == 50


async def test_throttling_never_trips(bench_of):
    bench = bench_of()
    for _ in range(50):
        await bench.fails(VendorThrottled(MASSIVE, "too many"))
        await bench.clock.advance(100.0)
    assert bench.turnstile.state is State.CLOSED


async def test_cancellation_is_no_failure(bench_of):
    bench = bench_of()
    tasks = [bench.begin(takes_s=10.0) for _ in range(50)]
    await bench.clock.advance(1.0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert len(bench.made) == 50
    assert bench.turnstile.state is State.CLOSED


async def test_slow_timeouts_trip_though_their_callers_gave_up(bench_of):
    bench = bench_of()

    async def given_up() -> None:
        async with bench.clock.timeout(3.0):
            await bench.call(takes_s=60.0)

    asks = [asyncio.create_task(given_up()) for _ in range(5)]
    await bench.clock.advance(4.0)
    assert all(isinstance(ask.exception(), TimeoutError) for ask in asks)
    assert bench.turnstile.state is State.OPEN


async def test_time_in_the_queue_is_never_slow(bench_of):
    bench = bench_of(rate=0.1, burst=1.0)
    tasks = [bench.begin(takes_s=1.9) for _ in range(10)]
    await bench.clock.advance(200.0)
    assert all(task.done() and not task.exception() for task in tasks)
    assert bench.turnstile.state is State.CLOSED
    waited = [one.waited_s for one in bench.observer.of(CallAdmitted)]
    assert waited == pytest.approx([10.0 * n for n in range(10)])


async def test_slow_answers_trip(bench_of):
    bench = bench_of()
    tasks = [bench.begin(takes_s=2.1) for _ in range(5)]
    await bench.clock.advance(3.0)
    assert all(not task.exception() for task in tasks)
    assert bench.turnstile.state is State.OPEN


async def test_of_a_hundred_concurrent_half_open_callers_one_asks_upstream(bench_of):
    bench = bench_of()
    await bench.fails(AWAY, 5)
    await bench.clock.advance(5.0)
    tasks = [bench.begin(takes_s=1.0) for _ in range(100)]
    await bench.clock.advance(0.5)
    assert len(bench.made) == 6
    rejected = [task for task in tasks if task.done()]
    assert len(rejected) == 99
    assert all(isinstance(task.exception(), VendorUnavailable) for task in rejected)
    assert all(task.exception().calls == 0 for task in rejected)
    assert bench.turnstile.peek().state is State.HALF_OPEN
    await bench.clock.advance(1.0)
    assert bench.turnstile.state is State.HALF_OPEN
    await bench.call()
    assert changes(bench) == [STORY["trip"], STORY["cool"], STORY["close"]]


async def test_who_is_rejected_after_the_wait_gives_its_token_back(bench_of):
    bench = bench_of(rate=1.0, burst=5.0)
    await bench.fails(AWAY, 4)
    failing = bench.begin(AWAY, takes_s=1.5)
    waiting = [bench.begin() for _ in range(3)]
    # The first of these is still admitted, the breaker opens before the others have their turn.
    await bench.clock.advance(10.0)
    assert isinstance(failing.exception(), VendorUnavailable)
    assert len(bench.made) == 6
    assert [task.exception() is None for task in waiting] == [True, False, False]
    assert bench.turnstile.tokens == (5.0,)
    assert [one.by for one in bench.observer.of(CallRejected)] == ["breaker", "breaker"]


async def test_nobody_queues_before_an_open_breaker(bench_of):
    bench = bench_of(rate=0.1, burst=5.0)
    await bench.fails(AWAY, 5)
    assert bench.turnstile.tokens == (0.0,)
    with pytest.raises(VendorUnavailable, match="breaker is OPEN"):
        await bench.call()
    assert bench.clock.monotonic() == 0.0
    assert bench.turnstile.waiting == 0


async def test_a_call_begun_before_the_trip_never_closes_it(bench_of):
    bench = bench_of()
    early = bench.begin(takes_s=6.0)
    await bench.clock.settle()
    await bench.fails(AWAY, 5)
    await bench.clock.advance(5.5)
    await bench.call()
    await bench.clock.advance(1.0)
    assert early.done()
    # Two successes close; this one was not among them.
    assert bench.turnstile.state is State.HALF_OPEN


async def test_a_cancelled_probe_frees_its_slot(bench_of):
    bench = bench_of()
    await bench.fails(AWAY, 5)
    await bench.clock.advance(5.0)
    probe = bench.begin(takes_s=60.0)
    await bench.clock.advance(1.0)
    probe.cancel()
    await asyncio.wait([probe])
    assert bench.turnstile.peek() is None
    await bench.call()
    await bench.call()
    assert bench.turnstile.state is State.CLOSED


async def test_a_lost_probe_does_not_wedge(bench_of):
    bench = bench_of()
    await bench.fails(AWAY, 5)
    await bench.clock.advance(5.0)
    lost = bench.begin(takes_s=1e9)
    await bench.clock.advance(29.0)
    with pytest.raises(VendorUnavailable, match="HALF_OPEN"):
        await bench.call()
    await bench.clock.advance(2.0)
    # It counts as failed, so the breaker opens for twice as long and then tries another.
    with pytest.raises(VendorUnavailable, match="OPEN"):
        await bench.call()
    await bench.clock.advance(10.0)
    await bench.call()
    await bench.call()
    assert bench.turnstile.state is State.CLOSED
    lost.cancel()
    await asyncio.wait([lost])
    assert bench.turnstile.state is State.CLOSED


async def test_a_longer_retry_after_keeps_it_open(bench_of):
    bench = bench_of()
    await bench.fails(AWAY, 4)
    await bench.fails(VendorUnavailable(MASSIVE, "status 503", retry_after_s=90.0))
    assert bench.turnstile.peek() == Rejected(State.OPEN, 90.0)


async def test_a_vendor_that_is_down_and_says_for_how_long_is_left_alone(bench_of):
    bench = bench_of()
    await bench.fails(VendorUnavailable(MASSIVE, "status 503", retry_after_s=30.0))
    assert bench.turnstile.state is State.CLOSED
    with pytest.raises(VendorUnavailable, match="after its deadline") as caught:
        await bench.call(wait_s=29.0)
    assert caught.value.retry_after_s == 30.0
    waiting = bench.begin()
    await bench.clock.advance(29.9)
    assert len(bench.made) == 1
    await bench.clock.advance(0.2)
    assert len(bench.made) == 2
    assert waiting.done()


@pytest.mark.parametrize("said", [None, 0.0, -5.0, float("nan"), float("inf")])
async def test_a_retry_after_of_nonsense_hides_no_error(bench_of, said):
    bench = bench_of()
    error = VendorUnavailable(MASSIVE, "status 503", retry_after_s=said)
    with pytest.raises(VendorUnavailable) as caught:
        await bench.call(error)
    assert caught.value is error
    await bench.call(wait_s=0.0)


async def test_a_reused_exception_grows_no_faster_than_without_a_turnstile(bench_of):
    """An adapter that raises one object again and again adds its own frames, and we add none."""
    bench = bench_of(burst=12_000.0)
    bench.turnstile.command(Command.ONLY_MEASURE)
    error, bare = VendorUnavailable(MASSIVE, "again"), VendorUnavailable(MASSIVE, "again")
    for _ in range(12_000):
        with contextlib.suppress(VendorUnavailable):
            async with bench.turnstile.call(Urgency.REFRESH, 10.0):
                raise error
        with contextlib.suppress(VendorUnavailable):
            raise bare
    assert frames(error) == frames(bare) == 12_000
    assert error.__context__ is None
    assert error.__cause__ is None


async def test_twelve_thousand_rejections_share_no_exception(bench_of):
    bench = bench_of()
    await bench.fails(AWAY, 5)
    seen, longest = set(), 0
    kept = []
    for _ in range(12_000):
        try:
            await bench.call()
        except VendorUnavailable as error:
            kept.append(error)
            seen.add(id(error))
            longest = max(longest, frames(error))
    assert len(seen) == 12_000
    assert longest == frames(kept[0])
    assert all(error.__context__ is None for error in kept)


def frames(error: BaseException) -> int:
    return len(list(traceback.walk_tb(error.__traceback__)))


async def test_an_operator_can_force_it_open_and_reset_it(bench_of):
    bench = bench_of()
    bench.turnstile.command(Command.FORCE_OPEN)
    assert bench.turnstile.peek() == Rejected(State.FORCED_OPEN, None)
    with pytest.raises(VendorUnavailable, match="FORCED_OPEN") as caught:
        await bench.call()
    assert caught.value.retry_after_s is None
    bench.turnstile.command(Command.FORCE_OPEN)
    bench.turnstile.command(Command.RESET)
    await bench.call()
    assert changes(bench) == [
        (State.CLOSED, State.FORCED_OPEN),
        (State.FORCED_OPEN, State.CLOSED),
    ]


async def test_a_disabled_breaker_lets_everything_pass(bench_of):
    bench = bench_of()
    bench.turnstile.command(Command.DISABLE)
    await bench.fails(AWAY, 20)
    assert len(bench.made) == 20


async def test_a_clock_that_plays_faster_is_heard_in_the_vendors_seconds(bench_of):
    bench = bench_of(rate=1.0, burst=1.0, pace=10.0)
    await bench.fails(VendorThrottled(MASSIVE, "too many", retry_after_s=30.0))
    assert bench.turnstile.ready_in_s == pytest.approx(30.0)
    with pytest.raises(VendorUnavailable) as caught:
        await bench.call(wait_s=2.9)
    assert caught.value.retry_after_s == pytest.approx(30.0)
    await bench.clock.advance(3.0)
    await bench.fails(AWAY)
    for _ in range(4):
        await bench.clock.advance(0.11)
        await bench.fails(AWAY)
    assert bench.turnstile.peek().retry_after_s == pytest.approx(5.0)
    await bench.clock.advance(0.51)
    await bench.call()
    with pytest.raises(InvalidInput, match="pace"):
        bench_of(pace=0.0)
