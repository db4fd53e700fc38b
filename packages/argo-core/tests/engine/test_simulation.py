"""A seeded day of failing vendors and a failing log, on a clock that costs nothing."""

import asyncio
from hashlib import sha256

import pytest

from argo_core.codec.signal import read_signal
from argo_core.consensus.reasons import Direction
from argo_core.engine.picture import Outcome
from argo_core.errors import (
    LogUnavailable,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.ledger.entry import decode_entry

CYCLES = 1_000
FAULTS = (
    VendorUnavailable("vendor", "down"),
    VendorThrottled("vendor", "slow down", retry_after_s=20),
    VendorRefused("vendor", "no credit"),
    VendorGarbled("vendor", "truncated"),
)


def draw(*parts, below):
    """A seeded whole number from 0 to `below` - 1."""
    digest = sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def weather(world, seed, number):
    """Every vendor may break, heal, slow down or change its mind; the log may be away."""
    for name, vendor in (*world.sources.items(), *((f.name, f) for f in world.feeds)):
        roll = draw(seed, number // 8, name, below=12)
        vendor.failing = FAULTS[roll] if roll < len(FAULTS) else None
        vendor.seconds = (0.0, 0.1, 1.2, 7.0)[draw(seed, number, name, "slow", below=4)]
    mood = 1 if draw(seed, number // 60, below=2) else -1
    for name, source in world.sources.items():
        strength = mood * draw(seed, number // 20, name, "x", below=11) / 10
        source.say("AZO", strength)
        source.say("BTC/USD", -strength)
    for feed in world.feeds:
        feed.price("AZO", f"{3000 + draw(seed, number, below=40)}.00")
        feed.price("BTC/USD", f"{95000 + draw(seed, number, 'b', below=900)}.00")
    away = draw(seed, number, "log", below=20) == 0
    world.log.failing = LogUnavailable("away") if away else None


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_fails_the_beat_is_kept_and_the_record_is_whole(world, seed):
    engine = world.engine()
    await engine.start()
    published, stored = [], 0
    for number in range(CYCLES):
        weather(world, seed, number)
        due = world.clock.now()
        task = engine.cycle()
        cycle = await driven(world, task)
        assert (world.clock.now() - due).total_seconds() <= world.profile.price_deadline_s
        if cycle.failed is None:
            stored += 1
            assert sorted(one.symbol for one in cycle.decisions) == ["AZO", "BTC/USD"]
            published += [one for one in cycle.decisions if one.outcome is Outcome.SIGNAL]
        await world.clock.advance(5 - (world.clock.now() - due).total_seconds())
    world.log.failing = None
    await engine.stop()
    await check_record(world, stored)
    assert {one.direction for one in published} == set(Direction)


async def driven(world, cycle):
    """Run a cycle to its end, letting time pass only while it waits."""
    task = asyncio.create_task(cycle)
    while not task.done():
        await world.clock.advance(1 / 16)
    return task.result()


async def check_record(world, stored):
    """No gap in the sequence, every sum exact, every stored cycle accounted for."""
    head = await world.log.head()
    data = [
        one.data
        for start in range(0, head.size, 1000)
        for one in await world.log.entries(start, start + 1000)
    ]
    entries = [decode_entry(one) for one in data]
    assert [one.number("seq") for one in entries] == list(range(head.size))
    times = [one.decided_us for one in entries]
    assert times == sorted(times)
    signals = [
        read_signal(raw) for raw, one in zip(data, entries, strict=True) if one.kind == "signal"
    ]
    standing = {}
    for signal in signals:
        assert sum(part.phi_bp for part in signal.contributions) == signal.confidence_bp
        if signal.direction is Direction.HOLD:
            assert standing[signal.symbol] is not Direction.HOLD
        else:
            assert abs(signal.confidence_bp) >= world.profile.theta_bp
            assert len(signal.contributions) >= 2
        standing[signal.symbol] = signal.direction
    assert len({signal.id for signal in signals}) == len(signals)
    loud = {signal.decided_at for signal in signals}
    quiet = sum(one.number("cycles") for one in entries if one.kind == "quiet")
    assert quiet + len(loud) >= stored
