"""An engine whose record is cosigned: official times, a log that is away, what a start takes up."""

import asyncio

import pytest
from attrs import evolve

from argo_core.engine.engine import Engine
from argo_core.engine.outside import Outside
from argo_core.engine.picture import Outcome
from argo_core.engine.publication import Publication
from argo_core.errors import LogBehind, LogUnavailable
from argo_core.events import CheckpointPublished, OutcomeResolved
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, tiny_capsule, tiny_commit, tiny_sealed
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_witness import FakeWitness
from argo_core.testing.witness import ReferenceWitness

KEY = FakeSigner(LOG).key


@pytest.fixture
def witness(world):
    signer = FakeSigner("witness.example", COSIGNATURE)
    return FakeWitness(ReferenceWitness(signer, {LOG: KEY}, fake_verify), world.clock)


def engine_of(world, witness, *, recorded=False):
    policy = Policy(KEY, (WitnessKey(witness.key),), 1)
    publication = Publication(
        world.log, policy, (witness,), fake_verify, clock=world.clock, observer=world.observer
    )
    outside = Outside(
        sources=tuple(world.sources.values()),
        quotes=tuple(world.feeds),
        calendar=world.engine().outside.calendar,
        log=world.log,
        index=world.log,
        clock=world.clock,
        observer=world.observer,
        publication=publication,
        recorded=recorded,
    )
    return Engine(world.profile, world.instruments, outside, world.registration)


async def beat(world, engine):
    cycle = await engine.cycle(wait=True)
    await world.clock.advance(5)
    return cycle


async def entries_of(world):
    return [decode_entry(one.data) for one in await world.log.entries(0, 1000)]


async def test_an_outcome_is_counted_from_the_witness_s_time(world, witness):
    engine = engine_of(world, witness)
    await engine.start()
    await world.clock.advance(7)
    await beat(world, engine)
    for _ in range(3):
        world.feeds[0].price("AZO", "9000.00")
        await beat(world, engine)
    await engine.stop()
    outcomes = [one for one in await entries_of(world) if one.kind == "outcome"]
    first = outcomes[0]
    index = first.number("signal_index")
    official_s = await world.log.witnessed_at(index)
    assert first.number("official_us") == official_s * 1_000_000
    assert first.number("start_us") > first.number("official_us")
    told = world.observer.of(OutcomeResolved)
    assert [one.index for one in told] == [one.number("signal_index") for one in outcomes]


async def test_on_a_recorded_market_the_witness_s_time_says_nothing_about_prices(world, witness):
    engine = engine_of(world, witness, recorded=True)
    await engine.start()
    await world.clock.advance(7)
    await beat(world, engine)
    for _ in range(3):
        world.feeds[0].price("AZO", "9000.00")
        await beat(world, engine)
    await engine.stop()
    entries = [(decode_entry(one.data), one.data) for one in await world.log.entries(0, 1000)]
    outcomes = [(one, data) for one, data in entries if one.kind == "outcome"]
    assert outcomes
    assert not any(b"official_us" in data for _, data in outcomes)
    assert await world.log.witnessed_at(outcomes[0][0].number("signal_index")) is not None


async def test_what_a_log_takes_late_is_published_too(world, witness):
    engine = engine_of(world, witness)
    await engine.start()
    world.log.failing = LogUnavailable("away")
    failed = await beat(world, engine)
    assert failed.failed is not None
    world.log.failing = None
    await beat(world, engine)
    await world.clock.advance(5)
    await engine.stop()
    published = world.observer.of(CheckpointPublished)[-1]
    assert (published.size, published.pending) == ((await world.log.head()).size, False)


async def test_a_start_takes_up_only_what_its_own_strategy_hides(world, witness):
    capsule = tiny_capsule(0)
    sealed = tiny_sealed(0, strategy="other", capsule=capsule)
    batch = Batch(
        0, (tiny_commit(sealed),), {sha256_hex(capsule): capsule}, {sealed.commitment: sealed}
    )
    await world.log.append(batch)
    later = evolve(world.registration, reveal_after_s=60, reveal_key=b"k" * 32)
    engine = engine_of(evolve(world, registration=later), witness)
    await engine.start()
    await beat(world, engine)
    again = engine_of(evolve(world, registration=later), witness)
    await engine.stop()
    await world.clock.advance(120)
    await again.start()
    await beat(world, again)
    await again.stop()
    reveals = [one for one in await entries_of(world) if one.kind == "reveal"]
    assert [one.number("commit_index") for one in reveals] == [2]
    assert 0 in [one.index for one in await world.log.unrevealed()]


async def test_it_does_not_start_on_a_log_that_a_witness_has_seen_more_of(world, witness):
    engine = engine_of(world, witness)
    await engine.start()
    await beat(world, engine)
    await engine.stop()
    behind = evolve(world, log=FakeLog())
    await behind.log.append(Batch(0, ((await world.log.entries(0, 1))[0].data,)))
    with pytest.raises(LogBehind, match=r"witness\.example"):
        await engine_of(behind, witness).start()


async def test_it_stops_when_a_witness_turns_out_to_be_ahead(world, witness):
    engine = engine_of(world, witness)
    await engine.start()
    await beat(world, engine)
    witness.lie = lambda lines: 99
    world.feeds[0].price("AZO", "3200.00")
    world.say("AZO", 0.9)
    cycle = await beat(world, engine)
    assert cycle.count(Outcome.SIGNAL)
    size = (await world.log.head()).size
    with pytest.raises(LogBehind):
        await beat(world, engine)
    with pytest.raises(LogBehind):
        await engine.stop()
    assert (await world.log.head()).size == size
    assert len(asyncio.all_tasks()) == 1
