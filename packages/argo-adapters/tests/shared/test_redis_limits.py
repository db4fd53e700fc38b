"""Limits that processes keep together: no window above what was allowed, and little left unused."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.limits import RedisLimits
from argo_adapters.redis.link import RedisLink
from argo_core.consensus.opinion import GROK
from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import SLACK_S, Allowance
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_shared import FakeSharedLimits

Connect = Callable[..., RedisLink]

SCRIPT = Path(__file__).with_name("take_turns.py")
MICRO = 1_000_000
PAIR = (Allowance(rate=5, burst=3), Allowance(rate=2, burst=8))


class Told:
    """The server's time is what it is told."""

    def __init__(self, link: RedisLink, namespace: str) -> None:
        self.us = 10**15
        self._link = link
        self._key = f"argo:{{{namespace}}}:now"
        self.lua = f"local now = tonumber(redis.call('GET', '{self._key}'))\n"

    async def pass_us(self, micros: int) -> None:
        self.us += micros
        await self._link.command("SET", self._key, self.us)


@pytest.fixture
async def told(link: RedisLink, namespace: str) -> Told:
    told = Told(link, namespace)
    await told.pass_us(0)
    return told


def most_over(admitted: Sequence[tuple[float, float]], allowance: Allowance) -> float:
    """By how much the worst window exceeds burst + rate x (length + slack).

    Each call was admitted at some moment between its two, so that it certainly fell into a window
    only if both did.
    """
    over = -float("inf")
    for begun, _ in admitted:
        inside = sorted(ended for since, ended in admitted if since >= begun)
        for count, ended in enumerate(inside, start=1):
            allowed = allowance.burst + allowance.rate * (ended - begun + SLACK_S)
            over = max(over, count - allowed)
    return over


async def test_no_window_is_too_full_in_ten_stormy_minutes_of_three_clients(
    server: PrivateServer, connect: Connect, namespace: str, told: Told
) -> None:
    chance = Random(7)  # noqa: S311 - seeded on purpose
    links = [connect(server.url, timeout_s=5.0) for _ in range(3)]
    clients = [RedisLimits(link, namespace=namespace, now=told.lua) for link in links]
    admitted: list[tuple[float, float]] = []

    async def ask() -> float:
        wait = await chance.choice(clients).take(GROK, PAIR)
        if wait == 0:
            admitted.append((told.us / MICRO, told.us / MICRO))
        return wait

    while told.us < 10**15 + 600 * MICRO:
        wait = await ask()
        if wait == 0 and chance.random() < 0.2:
            unmade = admitted[-1]
            # Others may ask between: it takes a moment to find out that a call is not to be made.
            for _ in range(chance.randrange(3)):
                await told.pass_us(chance.randrange(20_000))
                await ask()
            admitted.remove(unmade)
            await chance.choice(clients).refund(GROK, PAIR)
        # Now and then nobody asks for a while; mostly everybody is waiting.
        lull = chance.choice([0.0, 0.01, 0.3]) if chance.random() < 0.9 else chance.uniform(0, 5)
        await told.pass_us(round(chance.choice([wait, lull]) * MICRO))
    assert len(admitted) > 500
    for limit in PAIR:
        # Times are floats here and whole numbers there.
        assert most_over(admitted, limit) <= 1e-3


async def test_the_allowed_rate_is_used(link: RedisLink, namespace: str, told: Told) -> None:
    limits = RedisLimits(link, namespace=namespace, now=told.lua)
    count = 0
    while told.us < 10**15 + 100 * MICRO:
        wait = await limits.take(GROK, PAIR)
        count += wait == 0
        # Timers are late by a few milliseconds, as they are.
        await told.pass_us(round(wait * MICRO) + (4_000 if wait else 0))
    assert 0.99 <= count / (8 + 2 * 100) <= 1.02


async def test_waits_are_exact_to_the_microsecond(
    link: RedisLink, namespace: str, told: Told
) -> None:
    allowances = (Allowance(rate=3, burst=1), Allowance(rate=0.7, burst=2.5))
    limits = RedisLimits(link, namespace=namespace, now=told.lua)
    for _ in range(40):
        wait_us = round(await limits.take(GROK, allowances) * MICRO)
        if wait_us:
            await told.pass_us(wait_us - 1)
            assert round(await limits.take(GROK, allowances) * MICRO) == 1
            await told.pass_us(1)
            assert await limits.take(GROK, allowances) == 0
            assert await limits.take(GROK, allowances) > 0.3


async def test_seeded_storms_agree_with_the_cores_own_limiter(
    link: RedisLink, namespace: str, told: Told
) -> None:
    chance, clock = Random(3), FakeClock()  # noqa: S311 - seeded on purpose
    real, fake = RedisLimits(link, namespace=namespace, now=told.lua), FakeSharedLimits(clock)
    for _ in range(600):
        if chance.random() < 0.03:
            pause = chance.choice([0.0, 0.5, 2.0])
            await real.pause(GROK, pause)
            await fake.pause(GROK, pause)
        cost = chance.choice([1, 1, 1, 2, 3])
        waits = [await each.take(GROK, PAIR, cost) for each in (real, fake)]
        assert waits[0] == pytest.approx(waits[1], abs=1e-5)
        # A thousandth apart, so that rounding decides nothing.
        micros = chance.choice([0, 10_000, 150_000, round(waits[0] * MICRO) + 1_000])
        await told.pass_us(micros)
        await clock.advance(micros / MICRO)


async def test_a_clock_that_is_set_back_blocks_nobody_for_long(
    link: RedisLink, namespace: str, told: Told
) -> None:
    limits = RedisLimits(link, namespace=namespace, now=told.lua)
    for _ in range(4):
        await limits.take(GROK, PAIR)
    await told.pass_us(-3_600 * MICRO)
    # As if the buckets had just been emptied.
    assert 0 < await limits.take(GROK, PAIR) <= 0.5
    await told.pass_us(500_000)
    assert await limits.take(GROK, PAIR) == 0


async def test_a_key_is_forgotten_when_its_buckets_are_full_and_not_before(
    link: RedisLink, namespace: str
) -> None:
    limits = RedisLimits(link, namespace=namespace)
    key = f"argo:{{{namespace}}}:limits:grok"
    slow = (Allowance(rate=0.01, burst=5),)
    for taken in range(1, 4):
        await limits.take(GROK, slow)
        assert taken * 100_000 - 2_000 <= await link.command("PTTL", key) <= taken * 100_000
    await limits.refund(GROK, slow)
    assert 198_000 <= await link.command("PTTL", key) <= 201_000
    await limits.pause(GROK, 500)
    assert 498_000 <= await link.command("PTTL", key) <= 500_000
    await limits.pause(GROK, 1)
    assert 498_000 <= await link.command("PTTL", key) <= 500_000
    await limits.pause(GROK, 0)
    assert await limits.take(GROK, slow) > 490


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
async def test_a_pause_that_is_no_duration_is_refused(
    link: RedisLink, namespace: str, seconds: float
) -> None:
    with pytest.raises(InvalidInput, match="seconds"):
        await RedisLimits(link, namespace=namespace).pause(GROK, seconds)


@pytest.mark.timed
def test_three_processes_together_keep_the_limit_and_use_it(server: PrivateServer) -> None:
    rate, burst, seconds = 40.0, 10.0, 3.0
    words = [sys.executable, str(SCRIPT), server.url, *map(str, (rate, burst, seconds))]
    processes = [
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - it is ours
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    told = [[float(word) for word in line.split()] for lines in said for line in lines[1:]]
    turns = sorted(((begun, ended) for begun, ended, _ in told), key=lambda turn: turn[1])
    assert all(len(lines) > 10 for lines in said)
    # Both sides count on the server's clock, so nothing but rounding lies between, and what that
    # clock was set by: a limit cannot know better than the clock that it keeps.
    ahead = [ended - monotonic for _, ended, monotonic in told]
    assert most_over(turns, Allowance(rate, burst)) <= 1e-3 + rate * (max(ahead) - min(ahead))
    span_s = turns[-1][1] - turns[0][0]
    assert len(turns) >= 0.95 * rate * span_s
