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


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_window_is_above_the_vendors_limit_in_a_ten_minute_storm(bench_of, seed):
    chance = Random(seed)  # noqa: S311 - a storm that comes again is wanted
    limits = LimitPolicy(tuple(within(*limit) for limit in LIMITS))
    bench = bench_of(limits=limits, chance=chance.random)
    rate = min(each.rate for each in limits.allowances)
    cancelled = 0
    while bench.clock.monotonic() < SECONDS:
        await bench.clock.advance(chance.expovariate(1.6 * rate))
        error = VendorRefused(MASSIVE, "no") if chance.random() < 0.1 else None
        bench.begin(
            error,
            takes_s=chance.choice([0.0, 0.2, 1.5]),
            urgency=chance.choice(list(Urgency)),
            wait_s=chance.choice([2.0, 20.0, 40.0]),
        )
        under_way = [task for task in bench.tasks if not task.done()]
        if under_way and chance.random() < 0.25:
            # In the very moment of a grant as well as long before and after it.
            chance.choice(under_way).cancel()
            cancelled += 1
    made = [at for at in bench.made if at <= SECONDS]
    for calls, window_s, _ in LIMITS:
        assert most_in(made, window_s) <= calls
    assert len(made) >= 0.95 * rate * SECONDS
    for task in bench.tasks:
        task.cancel()
    results = await asyncio.gather(*bench.tasks, return_exceptions=True)
    assert cancelled > 100
    assert sum(isinstance(one, VendorUnavailable) for one in results) > 100
    await bench.clock.settle()
    assert bench.turnstile.waiting == 0
    assert not bench.others()
    await bench.clock.advance(120.0)
    assert bench.turnstile.tokens == (5.0, 2.0)
