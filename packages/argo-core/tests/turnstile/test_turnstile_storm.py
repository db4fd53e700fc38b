"""Ten minutes of too many callers who give up, fail and are throttled, counted as vendors count."""

import asyncio
from random import Random

import pytest

from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import VendorRefused, VendorUnavailable
from argo_core.resilience.allowance import LimitPolicy, within
from argo_core.resilience.queue import Urgency

SECONDS = 600.0
LIMITS = ((60, 60.0, 5), (4, 1.0, 2))


def most_in(moments: list[float], window_s: float) -> int:
    """The most moments in any closed window."""
    most = start = 0
    for place, at in enumerate(moments):
        while moments[start] < at - window_s:
            start += 1
        most = max(most, place - start + 1)
    return most


async def give_up_when_granted(bench) -> int:
    """Let the timer ring, and cancel whoever is granted before it runs again; how many that were.

    White-box, because nothing else can come between the two on one event loop.
    """
    line = bench.turnstile._line
    wake_at = line._wake_at
    if wake_at is None or wake_at <= bench.clock.monotonic():
        return 0
    await bench.clock.advance(0.999 * (wake_at - bench.clock.monotonic()))
    bench.clock._set(wake_at)
    line._carry_out(line._queue.wake(wake_at))
    granted = [turn for turn in line._waiting.values() if turn.done()]
    owners = [task for task in bench.tasks if task._fut_waiter in granted]
    for task in owners:
        task.cancel()
    await bench.clock.settle()
    return len(owners)


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_window_is_above_the_vendors_limit_in_a_ten_minute_storm(bench_of, seed):
    chance = Random(seed)  # noqa: S311 - a storm that comes again is wanted
    limits = LimitPolicy(tuple(within(*limit) for limit in LIMITS))
    bench = bench_of(limits=limits, chance=chance.random)
    rate = min(each.rate for each in limits.allowances)
    cancelled = raced = 0
    while bench.clock.monotonic() < SECONDS:
        await bench.clock.advance(chance.expovariate(2.2 * rate))
        error = VendorRefused(MASSIVE, "no") if chance.random() < 0.1 else None
        bench.begin(
            error,
            takes_s=chance.choice([0.0, 0.2, 1.5]),
            urgency=chance.choice(list(Urgency)),
            wait_s=chance.choice([2.0, 20.0, 40.0]),
        )
        under_way = [task for task in bench.tasks if not task.done()]
        if under_way and chance.random() < 0.25:
            chance.choice(under_way).cancel()
            cancelled += 1
        if chance.random() < 0.1:
            raced += await give_up_when_granted(bench)
    made = [at for at in bench.made if at <= SECONDS]
    for calls, window_s, _ in LIMITS:
        assert most_in(made, window_s) <= calls
    assert len(made) >= 0.95 * rate * SECONDS
    for task in bench.tasks:
        task.cancel()
    results = await asyncio.gather(*bench.tasks, return_exceptions=True)
    assert cancelled > 100
    assert raced > 20
    assert sum(isinstance(one, VendorUnavailable) for one in results) > 100
    await bench.clock.settle()
    assert bench.turnstile.waiting == 0
    assert not bench.others()
    await bench.clock.advance(120.0)
    assert bench.turnstile.tokens == (5.0, 2.0)
