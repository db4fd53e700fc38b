"""What language models replied is in the record beside the signals that rest on it, once."""

import asyncio
from hashlib import sha256

import pytest
from attrs import evolve

from argo_core.consensus.opinion import GROK, SONAR, Opinion
from argo_core.engine.known import Known
from argo_core.engine.raws import Raws, well_formed
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.intake import MAX_CAPSULE_BYTES
from argo_core.market.instrument import Symbol, instrument
from argo_core.ports import Answer
from argo_core.testing.strategies import NOON

AZO = instrument("AZO")


def digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def opinion(raw: bytes) -> Opinion:
    return Opinion(GROK, Symbol("AZO"), 1.0, NOON, 3_600, digest(raw), "any-1")


async def lived(world, cycles=3):
    engine = world.engine()
    await engine.start()
    for _ in range(cycles):
        task = asyncio.create_task(engine.cycle(wait=True))
        await world.clock.advance(5)
        await task
    await engine.stop()
    return [decode_entry(one.data) for one in await world.log.entries(0, 1000)]


async def test_a_signal_brings_the_replies_it_rests_on(world):
    for name in (GROK, SONAR):
        world.sources[name].wordy = True
    signals = [one for one in await lived(world) if one.kind == "signal"]
    assert signals
    for name in (GROK, SONAR):
        named = signals[0].text(f"raw_{name}_sha256")
        raw = await world.log.capsule(named)
        assert digest(raw) == named
        assert raw.startswith(f"{name} AZO".encode())
    assert await world.log.capsule(signals[0].text("raw_massive_sha256")) is None


async def test_replies_of_another_hash_never_reach_the_log(world):
    source = world.sources[GROK]
    honest = source.opinions

    async def lying(asked, now):
        answer = await honest(asked, now)
        return evolve(answer, raws={one.raw_sha256: b"something else" for one in answer.items})

    source.opinions = lying
    signals = [one for one in await lived(world) if one.kind == "signal"]
    assert await world.log.capsule(signals[0].text("raw_grok_sha256")) is None


@pytest.mark.parametrize("raws", [None, 7, [b"raw"], "raw"])
async def test_raws_that_are_none_count_as_a_garbled_answer(world, raws):
    source = world.sources[GROK]

    async def garbled(asked, now):
        return Answer((), raws=raws)

    source.opinions = garbled
    assert await lived(world)
    [failed] = {one.error for one in world.observer.events if type(one).__name__ == "SourceFailed"}
    assert failed == "VendorGarbled"


@pytest.mark.parametrize("raw", ["text", None, b"x" * (MAX_CAPSULE_BYTES + 1), b"of another hash"])
def test_what_is_no_reply_of_that_hash_is_left_out(raw):
    named = digest(raw) if isinstance(raw, bytes) and len(raw) > 100 else digest(b"named")
    good = b"good"
    raws = {named: raw, digest(good): good, digest(b"not named"): b"not named"}
    assert well_formed(raws, [named, digest(good), digest(good), "absent"]) == {digest(good): good}


def test_a_reply_is_forgotten_with_the_last_opinion_read_from_it():
    raws = Raws()
    raws.keep({"a": b"1", "b": b"2"}, ["a", "b", "c"])
    raws.keep({}, [])
    assert raws.of(["a", "b", "c"]) == {"a": b"1", "b": b"2"}
    raws.keep({"c": b"3"}, ["b", "c"])
    assert raws.of(["a", "b", "c"]) == {"b": b"2", "c": b"3"}
    raws.recorded(["b", "z"])
    assert raws.of(["a", "b", "c"]) == {"c": b"3"}


def test_the_oldest_replies_give_way_when_there_are_too_many():
    raws = Raws(most_bytes=3)
    raws.keep({"a": b"11", "b": b"2"}, "ab")
    raws.keep({"c": b"33"}, "abc")
    assert raws.of("abc") == {"b": b"2", "c": b"33"}


def test_a_reply_is_kept_while_somebody_still_thinks_so():
    known = Known([AZO])
    known.learn(GROK, [opinion(b"old")], NOON, {digest(b"old"): b"old"})
    assert known._raws.of([digest(b"old")]) == {digest(b"old"): b"old"}
    known.learn(GROK, [opinion(b"new")], NOON, {digest(b"new"): b"new"})
    assert known._raws.of([digest(b"old"), digest(b"new")]) == {digest(b"new"): b"new"}
