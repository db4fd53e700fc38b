"""What a source's limits do to its calls, at the place where they pass."""

import asyncio

import pytest

from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import InvalidInput, VendorThrottled, VendorUnavailable
from argo_core.events import CallAdmitted, CallRejected
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.queue import MOST_WAITERS, Urgency

BARE_429 = VendorThrottled(MASSIVE, "too many")


def after(seconds: float) -> VendorThrottled:
    return VendorThrottled(MASSIVE, "too many", retry_after_s=seconds)


async def test_a_call_waits_for_its_turn_and_no_longer(bench_of):
    bench = bench_of(rate=2.0, burst=1.0)
    calls = [bench.begin() for _ in range(3)]
    await bench.clock.advance(2.0)
    assert bench.made == pytest.approx([0.0, 0.5, 1.0])
    assert all(call.exception() is None for call in calls)
    waited = [one.waited_s for one in bench.observer.of(CallAdmitted)]
    assert waited == pytest.approx([0.0, 0.5, 1.0])
    assert bench.turnstile.waiting == 0
    assert not bench.others()


async def test_who_would_be_late_is_turned_away_at_once(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.call()
    with pytest.raises(VendorUnavailable, match="after its deadline") as caught:
        await bench.call(wait_s=0.9)
    assert (caught.value.calls, caught.value.retry_after_s) == (0, 1.0)
    assert [(one.by, one.retry_after_s) for one in bench.observer.of(CallRejected)] == [
        ("limiter", 1.0)
    ]
    assert bench.clock.monotonic() == 0.0
    assert bench.turnstile.ready_in_s == 1.0
    assert not bench.others()


async def test_a_free_source_is_asked_even_without_patience(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.call(wait_s=0.0)
    assert bench.made == [0.0]


async def test_the_thousand_and_first_waiter_is_turned_away_at_once(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    waiting = [bench.begin() for _ in range(1 + MOST_WAITERS)]
    await bench.clock.settle()
    assert bench.turnstile.waiting == MOST_WAITERS
    with pytest.raises(VendorUnavailable, match="too many are waiting"):
        await bench.call()
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert bench.turnstile.waiting == 0


async def test_an_interactive_call_overtakes_and_a_backfill_gets_its_turn(bench_of):
    bench = bench_of(rate=0.5, burst=1.0)
    order: list[str] = []

    async def named(name: str, urgency: Urgency) -> None:
        await bench.call(urgency=urgency)
        order.append(name)

    for name, urgency in (
        ("first", Urgency.REFRESH),
        ("backfill", Urgency.BACKFILL),
        ("refresh", Urgency.REFRESH),
        ("urgent", Urgency.INTERACTIVE),
    ):
        bench.tasks.append(asyncio.create_task(named(name, urgency)))
    await bench.clock.advance(20.0)
    assert order == ["first", "urgent", "refresh", "backfill"]


async def test_five_thousand_cancelled_waiters_leave_nothing_behind(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.call()
    for _ in range(10):
        waiting = [bench.begin() for _ in range(500)]
        await bench.clock.settle()
        assert bench.turnstile.waiting == 500
        assert len(bench.others()) == 1
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        bench.tasks.clear()
    await bench.clock.settle()
    assert bench.turnstile.waiting == 0
    assert not bench.others()
    assert not bench.turnstile._line._waiting
    assert not bench.turnstile._line._queue._granted
    await bench.clock.advance(1.0)
    assert bench.turnstile.tokens == (1.0,)
    assert bench.made == [0.0]


async def test_there_is_one_timer_and_it_wakes_one_waiter(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    for _ in range(200):
        bench.begin()
    await bench.clock.settle()
    assert len(bench.others()) == 1
    line = bench.turnstile._line
    for second in range(1, 50):
        await bench.clock.advance(1.0)
        ready = [turn for turn in line._waiting.values() if turn.done()]
        assert not ready
        assert len(bench.made) == 1 + second
        assert bench.turnstile.waiting == 199 - second
    for task in bench.tasks:
        task.cancel()
    await asyncio.wait(bench.tasks)


async def test_a_grant_racing_a_cancel_conserves_tokens(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.call()
    waiting = bench.begin()
    await bench.clock.settle()
    line = bench.turnstile._line
    bench.clock._set(1.0)
    # The timer rings, and before the waiter runs again somebody cancels it.
    line._carry_out(line._queue.wake(1.0))
    assert bench.turnstile.tokens == (0.0,)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert bench.turnstile.tokens == (1.0,)
    assert bench.made == [0.0]
    await bench.call(wait_s=0.0)


async def test_a_token_given_back_goes_to_the_next_at_once(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.call()
    first, second = bench.begin(), bench.begin()
    await bench.clock.settle()
    line = bench.turnstile._line
    bench.clock._set(1.0)
    line._carry_out(line._queue.wake(1.0))
    first.cancel()
    await bench.clock.settle()
    assert second.done()
    assert bench.made == [0.0, 1.0]


async def test_retry_after_is_never_shortened_and_siblings_pause_too(bench_of, seeded):
    bench = bench_of(rate=10.0, burst=10.0, chance=seeded(3))
    flying = [bench.begin(error, takes_s=1.0) for error in (after(60.0), after(5.0), BARE_429)]
    await bench.clock.advance(1.0)
    assert all(isinstance(task.exception(), VendorThrottled) for task in flying)
    siblings = [bench.begin() for _ in range(3)]
    await bench.clock.advance(59.9)
    assert len(bench.made) == 3
    with pytest.raises(VendorUnavailable) as caught:
        await bench.call(wait_s=0.05)
    assert caught.value.retry_after_s >= 0.09
    # Jitter is only ever added.
    await bench.clock.advance(6.2)
    assert len(bench.made) == 6
    assert all(sibling.done() for sibling in siblings)


async def test_a_pause_turns_away_at_once_who_can_no_longer_be_in_time(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    failing = bench.begin(after(60.0), takes_s=0.5)
    hasty, patient = bench.begin(wait_s=10.0), bench.begin(wait_s=100.0)
    await bench.clock.advance(0.5)
    assert isinstance(failing.exception(), VendorThrottled)
    assert isinstance(hasty.exception(), VendorUnavailable)
    assert not patient.done()
    await bench.clock.advance(60.1)
    assert patient.done()


@pytest.mark.parametrize("error", [BARE_429, after(0.0)])
async def test_a_complaint_without_a_delay_halves_the_rate(bench_of, error):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.fails(error)
    later = [bench.begin() for _ in range(2)]
    await bench.clock.advance(1.4)
    assert len(bench.made) == 1
    await bench.clock.advance(0.6)
    # Five percent of the rate come back each second.
    assert len(bench.made) == 2
    await bench.clock.advance(30.0)
    assert all(call.done() for call in later)


async def test_calls_under_way_at_a_complaint_do_not_complain_again(bench_of):
    bench = bench_of(rate=4.0, burst=8.0)
    flying = [bench.begin(BARE_429, takes_s=1.0) for _ in range(8)]
    await bench.clock.advance(1.0)
    assert all(call.done() for call in flying)
    assert bench.turnstile._line._limiter.share == 0.5


async def test_a_header_only_lowers_tokens(bench_of):
    bench = bench_of(rate=1.0, burst=10.0)

    async def hears(passage, remaining):
        passage.heard(remaining)

    await bench.call(does=lambda passage: hears(passage, 500.0))
    assert bench.turnstile.tokens == (9.0,)
    await bench.call(does=lambda passage: hears(passage, 2.0))
    assert bench.turnstile.tokens == (2.0,)
    await bench.call(does=lambda passage: hears(passage, 9.0))
    assert bench.turnstile.tokens == (1.0,)


async def test_a_header_makes_waiters_late_at_once(bench_of):
    bench = bench_of(rate=0.5, burst=2.0)

    async def hears(passage):
        await bench.clock.sleep(0.5)
        passage.heard(0.0)

    bench.begin(does=hears)
    await bench.call()
    hasty = bench.begin(wait_s=2.2)
    await bench.clock.advance(0.5)
    assert isinstance(hasty.exception(), VendorUnavailable)


async def test_a_header_about_a_limit_that_is_not_there_is_a_mistake(bench_of):
    bench = bench_of()
    with pytest.raises(InvalidInput, match="limit"):
        async with bench.turnstile.call(Urgency.REFRESH, 1.0) as passage:
            passage.heard(1.0, 7)


async def test_the_timer_follows_a_head_that_is_due_sooner(bench_of):
    bench = bench_of(rate=1.0, burst=1.0)
    await bench.call()
    bench.turnstile._line.pause(60.0)
    waiting = bench.begin()
    await bench.clock.settle()
    line = bench.turnstile._line
    line._limiter._paused_until = 0.0
    line._carry_out(line._queue.review(0.0))
    await bench.clock.advance(1.0)
    assert waiting.done()
    assert bench.made == [0.0, 1.0]


async def test_other_limits_hold_for_those_who_wait_already(bench_of):
    bench = bench_of(rate=0.1, burst=1.0)
    calls = [bench.begin() for _ in range(3)]
    await bench.clock.advance(1.0)
    assert bench.made == [0.0]
    bench.turnstile.relimit(LimitPolicy((Allowance(10.0, 1.0),)))
    await bench.clock.advance(1.0)
    assert len(bench.made) == 3
    assert all(call.exception() is None for call in calls)
    with pytest.raises(InvalidInput, match="2 for 1 limits"):
        bench.turnstile.relimit(LimitPolicy((Allowance(1.0), Allowance(2.0))))
    assert not bench.others()
