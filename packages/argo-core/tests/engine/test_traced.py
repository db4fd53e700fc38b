"""A cycle, what it asks, writes and publishes, as pieces of work."""

from attrs import evolve

from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.engine.engine import Engine
from argo_core.engine.publication import Publication
from argo_core.errors import LogUnavailable, VendorUnavailable
from argo_core.ledger.policy import Policy
from argo_core.testing.entries import LOG
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_tracer import FakeTracer


def engine_of(world):
    """The world's engine, traced and published by nobody's leave."""
    tracer = FakeTracer()
    publication = Publication(
        world.log,
        Policy(FakeSigner(LOG).key, (), 0),
        (),
        fake_verify,
        clock=world.clock,
        observer=world.observer,
        tracer=tracer,
    )
    outside = evolve(world.engine().outside, tracer=tracer, publication=publication)
    return Engine(world.profile, world.instruments, outside, world.registration), tracer


async def test_a_cycle_is_a_piece_of_work_and_asks_batch_and_publication_are_its_parts(world):
    engine, tracer = engine_of(world)
    await engine.start()
    await world.clock.settle()
    tracer.spans.clear()
    await engine.cycle(wait=True)
    await world.clock.settle()
    (cycle,) = tracer.named("cycle")
    (append,) = tracer.named("append")
    (publication,) = tracer.named("publication")
    (decide,) = tracer.named("decide")
    asks = tracer.named("ask")
    assert {one.attributes["source"] for one in asks} >= {"massive", "grok", world.feeds[0].name}
    parts = [append, publication, decide, *asks]
    assert {one.parent for one in parts} == {cycle.id}
    assert {one.trace_id for one in parts} == {cycle.trace_id}
    assert cycle.attributes["number"] == 1
    assert cycle.attributes["signals"] >= 1
    assert append.attributes["entries"] >= cycle.attributes["signals"]
    assert publication.attributes["size"] == (await world.log.head()).size
    await engine.stop()


async def test_an_ask_that_fails_says_by_what_and_no_more(world):
    world.sources[MASSIVE].failing = VendorUnavailable(MASSIVE, "a word of the vendor's")
    engine, tracer = engine_of(world)
    await engine.start()
    await engine.cycle(wait=True)
    asks = {one.attributes["source"]: one for one in tracer.named("ask")}
    assert asks[MASSIVE].attributes["failed"] == "VendorUnavailable"
    assert "failed" not in asks[GROK].attributes
    assert "word" not in repr(tracer.spans)
    await engine.stop()


async def test_a_cycle_whose_batch_is_lost_failed(world):
    tracer = FakeTracer()
    outside = evolve(world.engine().outside, tracer=tracer)
    engine = Engine(world.profile, world.instruments, outside, world.registration)
    await engine.start()
    world.log.failing = LogUnavailable("locked")
    await engine.cycle(wait=True)
    (cycle,) = tracer.named("cycle")
    assert cycle.attributes["failed"] == "LogUnavailable"
    assert tracer.named("append")[-1].attributes["failed"] == "LogUnavailable"
    world.log.failing = None
    await engine.stop()
