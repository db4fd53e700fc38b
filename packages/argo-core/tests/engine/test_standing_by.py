"""An engine that stands by learns and writes nothing; one that was stopped begins anew."""

import pytest
from attrs import evolve

from argo_core.engine.engine import Engine
from argo_core.engine.following import Following
from argo_core.engine.picture import Outcome
from argo_core.engine.publication import FOLLOW_S, RETRY_S, Publication
from argo_core.errors import LogFenced, LogUnavailable, WitnessAway
from argo_core.events import PublicationFailed
from argo_core.ledger.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_witness import FakeWitness
from argo_core.testing.witness import ReferenceWitness

SIGNER = FakeSigner(LOG)
PATIENCE_S = 2.0


def note_of(size):
    return sign_checkpoint(Checkpoint(LOG, size, EMPTY_ROOT), SIGNER.key, SIGNER.sign)


def size_of(following, notes, now):
    head = following.look(notes, now)
    return None if head is None else head.size


def witness_of(clock):
    signer = FakeSigner("witness.example", COSIGNATURE)
    return FakeWitness(ReferenceWitness(signer, {LOG: SIGNER.key}, fake_verify), clock)


def test_where_nobody_cosigns_the_newest_counts_at_once():
    following = Following(Policy(SIGNER.key), fake_verify, PATIENCE_S)
    assert following.look([None, None], 0.0) is None
    assert size_of(following, [None, note_of(3)], 0.0) == 3
    assert size_of(following, [note_of(3), note_of(7)], 0.1) == 7
    # An older one that comes late changes nothing.
    assert size_of(following, [note_of(3), None], 0.2) == 7


def test_where_somebody_has_to_cosign_it_is_waited_for_as_the_publisher_waits():
    witness = WitnessKey(FakeSigner("witness.example", COSIGNATURE).key)
    following = Following(Policy(SIGNER.key, (witness,), 1), fake_verify, PATIENCE_S)
    assert size_of(following, [None, note_of(3)], 10.0) is None
    assert size_of(following, [None, note_of(7)], 11.0) is None
    assert size_of(following, [None, note_of(7)], 12.0) == 3
    assert size_of(following, [None, note_of(7)], 13.0) == 7


async def append(log, count):
    head = await log.head()
    seq = head.next_seq.get("alpha", 0)
    entries = tuple(tiny_quiet(seq + more, decided_us=0) for more in range(count))
    return (await log.append(Batch(head.size, entries))).size


def publication_of(log, clock, observer, witness, *, asks):
    policy = Policy(SIGNER.key, (WitnessKey(witness.key),), 1)
    asked = (witness,) if asks else ()
    return Publication(log, policy, asked, fake_verify, clock=clock, observer=observer)


async def test_whoever_follows_shows_what_the_publisher_shows_and_then_publishes_itself():
    clock, observer, log = FakeClock(), FakeObserver(), FakeLog()
    witness = witness_of(clock)
    publisher = publication_of(log, clock, FakeObserver(), witness, asks=True)
    follower = publication_of(log, clock, observer, witness, asks=True)
    await publisher.start()
    await follower.follow()
    await clock.advance(FOLLOW_S)
    assert follower.published is None

    size = await append(log, 2)
    await clock.advance(FOLLOW_S)
    # No witness has seen it, and it may have.
    assert follower.published is None
    publisher.offer()
    await clock.advance(FOLLOW_S)
    assert publisher.published is not None
    assert follower.published is not None
    assert (follower.published.size, follower.published.pending) == (size, False)
    assert (await follower.beyond(1)).size == size

    await publisher.stop()
    await follower.start()
    size = await append(log, 1)
    follower.offer()
    await clock.settle()
    assert follower.published.size == size
    # And the other way round.
    await publisher.follow()
    await clock.advance(FOLLOW_S)
    assert publisher.published.size == size
    await follower.stop()
    await publisher.stop()


async def test_whoever_stands_by_after_publishing_goes_on_from_what_it_showed():
    clock, observer, log = FakeClock(), FakeObserver(), FakeLog()
    witness = witness_of(clock)
    publication = publication_of(log, clock, observer, witness, asks=True)
    await publication.start()
    cosigned = await append(log, 2)
    publication.offer()
    await clock.settle()
    witness.failing = WitnessAway(witness.key.name, "it is away")
    pending = await append(log, 1)
    publication.offer()
    await clock.advance(PATIENCE_S)
    assert publication.published is not None
    assert (publication.published.size, publication.published.pending) == (pending, True)
    assert publication.lags_s() == {witness.key.name: PATIENCE_S}

    await publication.follow()
    told = len(observer.events)
    await clock.advance(FOLLOW_S)
    # Another one shows the witness what is new now.
    assert publication.lags_s() == {witness.key.name: 0.0}
    # What was cosigned is older than what is shown.
    assert cosigned < publication.published.size == pending
    assert parse_checkpoint(publication.published.note.text).size == pending
    await clock.advance(PATIENCE_S)
    assert parse_checkpoint(publication.published.note.text).size == pending
    assert observer.events[told:] == []
    await publication.stop()


async def test_a_witness_that_rested_when_it_ended_is_asked_at_once_when_it_begins_anew():
    clock, observer, log = FakeClock(), FakeObserver(), FakeLog()
    witness = witness_of(clock)
    publication = publication_of(log, clock, observer, witness, asks=True)
    await publication.start()
    witness.failing = WitnessAway(witness.key.name, "it is away")
    await append(log, 1)
    publication.offer()
    await clock.settle()
    await publication.stop()
    witness.failing = None
    await publication.start()
    size = await append(log, 1)
    publication.offer()
    await clock.settle()
    assert publication.published is not None
    assert (publication.published.size, publication.published.pending) == (size, False)
    await publication.stop()


async def test_whoever_was_stopped_in_mid_publication_waits_for_nothing_when_it_ends():
    clock, observer, log = FakeClock(), FakeObserver(), FakeLog()
    publication = publication_of(log, clock, observer, witness_of(clock), asks=True)
    await publication.start()
    log.failing = LogUnavailable("locked")
    publication.offer()
    await publication.follow()
    log.failing = None
    await publication.stop()
    assert clock.monotonic() == FakeClock().monotonic()


async def test_a_log_that_cannot_be_followed_is_told_of_and_tried_again():
    clock, observer, log = FakeClock(), FakeObserver(), FakeLog()
    follower = publication_of(log, clock, observer, witness_of(clock), asks=False)
    log.failing = LogUnavailable("locked")
    await follower.follow()
    await clock.advance(2.5 * RETRY_S)
    assert follower.published is None
    assert [one.error for one in observer.of(PublicationFailed)] == 3 * ["LogUnavailable"]
    log.failing = None
    await append(log, 1)
    await clock.advance(RETRY_S + PATIENCE_S + 2 * FOLLOW_S)
    assert follower.published is not None
    assert follower.published.pending
    await follower.stop()


async def test_an_engine_that_stands_by_learns_and_writes_nothing(world):
    engine = world.engine(history=world.feeds[0])
    await engine.shadow()
    await world.clock.advance(5)
    await engine.shadow()
    await world.clock.advance(5)
    assert (await world.log.head()).size == 0
    assert set(engine.known.quotes) == {"AZO", "BTC/USD"}
    assert engine.known.opinions["AZO"].keys() == world.sources.keys()
    asked = len(world.sources["massive"].asked)

    # What it has learned is there at once.
    await engine.start()
    cycle = await engine.cycle()
    assert cycle.count(Outcome.SIGNAL) >= 1
    assert len(world.sources["massive"].asked) == asked
    await engine.stop()


async def test_an_engine_that_was_stopped_begins_anew_from_the_log(world):
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    await engine.stop()
    before, size = dict(engine.known.standing), (await world.log.head()).size
    assert before

    await world.clock.advance(5)
    await engine.start()
    assert engine.known.standing == before
    assert (await world.log.head()).size > size
    await engine.stop()


async def test_an_engine_that_leaves_writes_nothing(world):
    engine = world.engine()
    await engine.start()
    await engine.cycle(wait=True)
    size = (await world.log.head()).size
    await engine.leave()
    assert (await world.log.head()).size == size


async def test_an_engine_that_may_not_write_does_not(world):
    may = [True]

    def refuse():
        if not may[0]:
            raise LogFenced("the lease is over")

    outside = evolve(world.engine().outside, refuse_to_write=refuse)
    engine = Engine(world.profile, world.instruments, outside, world.registration)
    await engine.start()
    size = (await world.log.head()).size
    may[0] = False
    with pytest.raises(LogFenced):
        await engine.cycle(wait=True)
    assert (await world.log.head()).size == size
    await engine.leave()


async def test_leaving_ends_what_is_followed(world):
    policy = Policy(SIGNER.key)
    publication = Publication(
        world.log, policy, (), fake_verify, clock=world.clock, observer=world.observer
    )
    outside = evolve(world.engine().outside, publication=publication)
    engine = Engine(world.profile, world.instruments, outside, world.registration)
    await publication.follow()
    await engine.leave()
    await append(world.log, 1)
    await world.clock.advance(5)
    assert publication.published is None
    assert world.observer.of(PublicationFailed) == []
