"""A seeded day of failing vendors and a failing log, on a clock that costs nothing."""

import asyncio
from datetime import timedelta
from hashlib import sha256

import pytest
from attrs import evolve

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
from argo_core.ledger.record import SignalQuery
from argo_core.signals.outcome import GRACE

CYCLES = 1_000
KEY = bytes(range(32))
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


@pytest.mark.parametrize(("seed", "reveal_after_s"), [(1, 0), (2, 0), (2, 900)])
async def test_whatever_fails_the_beat_is_kept_and_the_record_is_whole(world, seed, reveal_after_s):
    delayed = evolve(
        world.registration,
        reveal_after_s=reveal_after_s,
        reveal_key=KEY if reveal_after_s else None,
    )
    world = evolve(world, registration=delayed)
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


async def all_signals(world):
    """Sealed and open, oldest first."""
    found, query = [], SignalQuery(sealed=True, limit=500)
    while page := await world.log.find(query):
        found += page
        query = evolve(query, before=page[-1].index)
    return found[::-1]


def check_outcomes(world, signals, entries):
    """Every signal whose time was over has one outcome, none has two, and no other has any."""
    outcomes = [one for one in entries if one.kind == "outcome"]
    indices = [one.number("signal_index") for one in outcomes]
    assert len(set(indices)) == len(indices)
    over = world.clock.now() - timedelta(seconds=world.profile.horizon_s) - GRACE
    # A reveal comes first, and a log that is away holds both up.
    settled = timedelta(seconds=world.registration.reveal_after_s + 300)
    directed = {i: one for i, one in signals.items() if one.direction is not Direction.HOLD}
    assert set(indices) <= directed.keys()
    assert {i for i, one in directed.items() if one.decided_at < over - settled} <= set(indices)
    for one in outcomes:
        signal = directed[one.number("signal_index")]
        assert (one.text("symbol"), one.text("signal_id")) == (signal.symbol, signal.id)


def check_disclosure(world, entries):
    """A commit is revealed once its time has come, and not before; an outcome waits for that."""
    commits = {i: one for i, one in enumerate(entries) if one.kind == "commit"}
    assert bool(commits) == bool(world.registration.reveal_after_s)
    revealed = {}
    for index, one in enumerate(entries):
        if one.kind == "reveal":
            commit = commits[one.number("commit_index")]
            assert one.decided_us >= commit.number("reveal_after_us")
            assert one.text("commitment") == commit.text("commitment")
            assert one.number("commit_index") not in revealed
            revealed[one.number("commit_index")] = index
        if one.kind == "outcome" and commits:
            assert one.number("signal_index") in revealed
    late = entries[-1].decided_us - 300_000_000
    due = {i for i, one in commits.items() if one.number("reveal_after_us") < late}
    assert due <= revealed.keys()


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
    signals = {one.index: read_signal(one.body) for one in await all_signals(world)}
    check_outcomes(world, signals, entries)
    check_disclosure(world, entries)
    signals = list(signals.values())
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
