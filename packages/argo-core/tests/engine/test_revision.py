"""Other numbers for an engine that runs: on record first, between two cycles, or not at all."""

import asyncio
import json

import pytest
from attrs import evolve

from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.consensus.profile import Profile
from argo_core.engine.engine import Engine
from argo_core.engine.inputs import Input
from argo_core.engine.picture import Outcome
from argo_core.engine.revision import Revision, refuse_more_than_numbers
from argo_core.errors import InvalidInput, LogUnavailable
from argo_core.ledger.entry import decode_entry

OTHER_HASH = "e" * 64


def heavier(profile: Profile) -> Profile:
    """Grok gives a tenth of the whole to Massive, and signals need to be surer."""
    sources = dict(profile.sources)
    for name, more in ((GROK, -0.1), (MASSIVE, 0.1)):
        sources[name] = evolve(sources[name], weight=sources[name].weight + more)
    return evolve(profile, sources=sources, theta_bp=profile.theta_bp + 100, tau=profile.tau * 2)


async def entries_of(world):
    return [decode_entry(one.data) for one in await world.log.entries(0, 1_000)]


async def strategies_of(world):
    return [
        json.loads(one.data)
        for one in await world.log.entries(0, 1_000)
        if decode_entry(one.data).kind == "strategy"
    ]


async def beat(world, engine, seconds=5):
    cycle = await engine.cycle(wait=True)
    await world.clock.advance(seconds)
    return cycle


async def outcomes(world, engine):
    """How many signals and skips there were in a cycle a second long, so that nothing fades."""
    cycle = await beat(world, engine, 1)
    return cycle.count(Outcome.SIGNAL), cycle.count(Outcome.SKIP)


def weighed(cycle):
    """What every source counted in every decision."""
    shares = [(one.symbol, each) for one in cycle.decisions if one.view for each in one.view.shares]
    return [(symbol, each.source, each.weight, each.phi_bp) for symbol, each in shares]


async def test_other_numbers_are_on_record_before_anything_is_decided_by_them(world):
    engine = world.engine()
    await engine.start()
    revision = Revision(heavier(world.profile), OTHER_HASH)
    engine.revise(revision)
    assert engine.profile == world.profile
    await beat(world, engine)
    assert engine.profile == revision.profile
    kinds = [one.kind for one in await entries_of(world)]
    assert kinds[:3] == ["strategy", "strategy", "signal"]
    before, after = await strategies_of(world)
    assert (before["config_sha256"], after["config_sha256"]) == ("d" * 64, OTHER_HASH)
    assert before != after
    await engine.stop()


async def test_the_same_answers_give_what_an_engine_begun_by_these_numbers_gives(world):
    engine = world.engine()
    await engine.start()
    revision = Revision(heavier(world.profile), OTHER_HASH)
    engine.revise(revision)
    revised = await beat(world, engine)
    begun = Engine(revision.profile, world.instruments, engine.outside, world.registration)
    await engine.stop()
    await begun.start()
    assert weighed(await begun.cycle(wait=True)) == weighed(revised)
    assert weighed(revised) != []
    await begun.stop()


@pytest.mark.parametrize("taken", [True, False])
async def test_what_has_not_changed_is_decided_anew_by_other_numbers(world, taken):
    surer = evolve(world.profile, theta_bp=10_000)
    engine = Engine(surer, world.instruments, world.engine().outside, world.registration)
    await engine.start()
    assert await outcomes(world, engine) == (0, 0)
    assert await outcomes(world, engine) == (0, 2)
    engine.revise(Revision(world.profile, OTHER_HASH))
    if not taken:
        world.log.failing = LogUnavailable("locked")
        assert (await beat(world, engine, 1)).failed == "locked"
        world.log.failing = None
    # Whoever asks about the last evaluation meanwhile is answered.
    assert engine.known.evaluation("AZO") is not None
    assert await outcomes(world, engine) == (1, 0)
    assert await outcomes(world, engine) == (0, 2)
    await engine.stop()


async def test_the_silence_before_it_is_written_down_first(world):
    for source in world.sources.values():
        source.say("AZO", 0.0)
        source.say("BTC/USD", 0.0)
    engine = world.engine()
    await engine.start()
    await beat(world, engine)
    engine.revise(Revision(heavier(world.profile), OTHER_HASH))
    await beat(world, engine)
    await engine.stop()
    assert [one.kind for one in await entries_of(world)] == [
        "strategy",
        "quiet",
        "strategy",
        "quiet",
    ]


async def test_what_the_log_does_not_take_is_on_record_before_the_next_decision(world):
    engine = world.engine()
    await engine.start()
    engine.revise(Revision(heavier(world.profile), OTHER_HASH))
    world.log.failing = LogUnavailable("locked")
    assert (await beat(world, engine)).failed == "locked"
    world.log.failing = None
    await beat(world, engine)
    kinds = [one.kind for one in await entries_of(world)]
    assert kinds[:3] == ["strategy", "strategy", "signal"]
    await engine.stop()


async def test_a_cycle_under_way_ends_by_the_numbers_it_began_with(world):
    engine = world.engine()
    await engine.start()
    world.sources[GROK].seconds = 1.0
    cycling = asyncio.create_task(engine.cycle(wait=True))
    await world.clock.advance(0.5)
    assert not cycling.done()
    engine.revise(Revision(heavier(world.profile), OTHER_HASH))
    await world.clock.advance(5)
    await cycling
    assert len(await strategies_of(world)) == 1
    await beat(world, engine)
    assert len(await strategies_of(world)) == 2
    await engine.stop()


async def test_recorded_inputs_keep_their_profile(world):
    told: list[Input] = []
    plain = world.engine()
    outside = evolve(plain.outside, journal=told.append)
    engine = Engine(world.profile, world.instruments, outside, world.registration)
    with pytest.raises(InvalidInput, match="a recording tells of one profile"):
        engine.revise(Revision(heavier(world.profile), OTHER_HASH))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"horizon_s": 7_200}, "horizon_s"), ({"beat_s": 1.0}, "beat_s")],
)
def test_what_asks_and_waits_does_not_change_while_it_runs(changes, field):
    with pytest.raises(InvalidInput) as caught:
        refuse_more_than_numbers(Profile(), evolve(Profile(), **changes))
    assert caught.value.field == field
    assert "start again" in caught.value.fix


def test_sources_and_their_times_stay():
    profile = Profile()
    with pytest.raises(InvalidInput, match="others are asked"):
        refuse_more_than_numbers(profile, profile.without(GROK))
    slower = evolve(profile.sources[GROK], refresh_after_s=999.0)
    with pytest.raises(InvalidInput) as caught:
        refuse_more_than_numbers(
            profile, evolve(profile, sources={**profile.sources, GROK: slower})
        )
    assert caught.value.field == "sources"
    refuse_more_than_numbers(profile, heavier(profile))
