"""From durable to public: a quorum of witnesses, or pending; late cosignatures; a log gone back."""

import asyncio
from collections.abc import Sequence

import pytest
from attrs import evolve, field, frozen

from argo_core.engine.gathering import Published
from argo_core.engine.publication import Publication
from argo_core.errors import (
    InvalidInput,
    LogBehind,
    LogUnavailable,
    WitnessAway,
    WitnessRefused,
)
from argo_core.events import CheckpointPublished, PublicationFailed, WitnessFailed
from argo_core.ledger.checkpoint import open_checkpoint
from argo_core.ledger.cosignature import cosignatures
from argo_core.ledger.note import SignatureLine
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_witness import FakeWitness, forged
from argo_core.testing.witness import ReferenceWitness

BEGAN_S = int(BEGINNING.timestamp())
PATIENCE_S = 2.0


@frozen
class World:
    """A log, two witnesses that know it, and a clock; build as many publications as it takes."""

    clock: FakeClock = field(factory=FakeClock)
    observer: FakeObserver = field(factory=FakeObserver)
    log: FakeLog = field(factory=FakeLog)
    witnesses: tuple[FakeWitness, ...] = ()

    def publication(
        self,
        quorum: int = 1,
        log: FakeLog | None = None,
        *,
        signer: FakeSigner | None = None,
        must_hear: bool = False,
    ) -> Publication:
        keys = tuple(WitnessKey(one.key) for one in self.witnesses)
        return Publication(
            log or self.log,
            Policy(FakeSigner(LOG).key, keys, quorum),
            self.witnesses,
            fake_verify,
            clock=self.clock,
            observer=self.observer,
            patience_s=PATIENCE_S,
            signer=signer,
            must_hear=must_hear,
        )

    async def append(self, count: int = 1, log: FakeLog | None = None, at_us: int = 0) -> int:
        log = log or self.log
        head = await log.append(await _batch(log, count, at_us))
        return head.size

    def problems(self) -> list[tuple[str, str]]:
        return [(one.witness, one.error) for one in self.observer.of(WitnessFailed)]


async def _batch(log: FakeLog, count: int, at_us: int) -> Batch:
    head = await log.head()
    seq = head.next_seq.get("alpha", 0)
    entries = tuple(tiny_quiet(seq + more, decided_us=at_us) for more in range(count))
    return Batch(head.size, entries)


def _worlds(names: Sequence[str]) -> World:
    clock = FakeClock()
    logs = {LOG: FakeSigner(LOG).key}
    witnesses = tuple(
        FakeWitness(ReferenceWitness(FakeSigner(name, COSIGNATURE), logs, fake_verify), clock)
        for name in names
    )
    return World(clock, witnesses=witnesses)


@pytest.fixture
def world() -> World:
    return _worlds(["a.example", "b.example"])


def by_whom(published: Published | None, world: World) -> set[str]:
    """Whose good cosignatures are on what is published."""
    assert published is not None
    head, note = open_checkpoint(published.note.encode(), FakeSigner(LOG).key, fake_verify)
    assert head.size == published.size
    keys = tuple(one.key for one in world.witnesses)
    return {one.key.name for one in cosignatures(note, keys, fake_verify)}


async def test_without_witnesses_it_is_public_at_once_and_seen_to_be_cosigned_by_nobody() -> None:
    world = _worlds([])
    publication = world.publication(quorum=0)
    await publication.start()
    assert publication.published is None
    await world.append(3)
    publication.offer()
    await world.clock.settle()
    published = publication.published
    assert published is not None
    assert (published.size, published.pending, published.at) == (3, False, BEGINNING)
    assert by_whom(published, world) == set()
    assert world.observer.events == [CheckpointPublished(3, BEGINNING, 0.0, 0, pending=False)]
    await publication.stop()


async def test_a_quorum_is_enough_and_the_others_are_shown_when_they_come(world: World) -> None:
    world.witnesses[1].delay_s = 1.5
    publication = world.publication(quorum=1)
    await publication.start()
    await world.append(2)
    publication.offer()
    await world.clock.settle()
    assert by_whom(publication.published, world) == {"a.example"}
    assert publication.published is not None
    assert not publication.published.pending
    await world.clock.advance(1.5)
    assert by_whom(publication.published, world) == {"a.example", "b.example"}
    note = await world.log.checkpoint(cosigned=True)
    assert note is not None
    assert set(note.signatures) == set(publication.published.note.signatures)
    events = [CheckpointPublished(2, BEGINNING, 0.0, 1, pending=False)]
    assert world.observer.events == events
    await publication.stop()


async def test_a_witness_lags_by_the_age_of_the_oldest_batch_it_has_not_cosigned(
    world: World,
) -> None:
    world.witnesses[1].delay_s = 1.5
    publication = world.publication(quorum=1)
    await publication.start()
    assert publication.lags_s() == {"a.example": 0.0, "b.example": 0.0}
    await world.append(2)
    publication.offer()
    await world.clock.advance(1.0)
    assert publication.lags_s() == {"a.example": 0.0, "b.example": 1.0}
    await world.append(1)
    publication.offer()
    await world.clock.advance(0.25)
    assert publication.lags_s() == {"a.example": 0.0, "b.example": 1.25}
    # The first is cosigned, and the second is what is owed now.
    await world.clock.advance(0.5)
    assert publication.lags_s() == {"a.example": 0.0, "b.example": 0.75}
    await world.clock.advance(2.0)
    assert set(publication.lags_s().values()) == {0.0}
    await publication.stop()


async def test_nothing_is_public_before_a_quorum_or_the_end_of_patience(world: World) -> None:
    for one in world.witnesses:
        one.delay_s = 1.0
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append(2)
    publication.offer()
    await world.clock.advance(0.9)
    assert publication.published is None
    await world.clock.advance(0.2)
    assert by_whom(publication.published, world) == {"a.example", "b.example"}
    (event,) = world.observer.of(CheckpointPublished)
    assert (event.seconds, event.cosigned, event.pending) == (1.0, 2, False)
    assert await world.log.witnessed_at(1) == BEGAN_S + 1
    await publication.stop()


async def test_without_a_quorum_in_time_it_is_public_as_pending_and_heals(world: World) -> None:
    world.witnesses[1].delay_s = 5.0
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append(2)
    publication.offer()
    await world.clock.advance(PATIENCE_S)
    assert publication.published is not None
    assert publication.published.pending
    assert by_whom(publication.published, world) == {"a.example"}
    await world.clock.advance(3.0)
    healed = publication.published
    assert not healed.pending
    assert by_whom(healed, world) == {"a.example", "b.example"}
    told = [(one.size, one.seconds, one.pending) for one in world.observer.of(CheckpointPublished)]
    assert told == [(2, 2.0, True), (2, 5.0, False)]
    await publication.stop()


async def test_when_too_few_can_come_nobody_is_waited_for(world: World) -> None:
    for one in world.witnesses:
        one.failing = WitnessAway(one.key.name, "down")
    publication = world.publication(quorum=1)
    await publication.start()
    for size in (1, 2, 3):
        await world.append()
        publication.offer()
        await world.clock.settle()
        assert publication.published is not None
        assert (publication.published.size, publication.published.pending) == (size, True)
    await publication.stop()


async def test_of_many_batches_during_a_round_the_newest_is_published_next(world: World) -> None:
    world.witnesses[0].delay_s = world.witnesses[1].delay_s = 1.0
    publication = world.publication(quorum=1)
    await publication.start()
    for _ in range(5):
        await world.append()
        publication.offer()
        await world.clock.advance(0.1)
    await world.clock.advance(3.0)
    told = [(one.size, round(one.seconds, 3)) for one in world.observer.of(CheckpointPublished)]
    # The second round has what was durable since .1 s, and began when the first ended after 1 s.
    assert told == [(1, 1.0), (5, 1.9)]
    assert [asked.old_size for asked in world.witnesses[0].asked] == [0, 1]
    await publication.stop()


async def test_a_witness_away_is_asked_ever_more_rarely_and_comes_back(world: World) -> None:
    first = world.witnesses[0]
    first.failing = WitnessAway(first.key.name, "down")
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append()
    for _ in range(600):
        # New batches do not have it asked more often.
        publication.offer()
        await world.clock.advance(1.0)
        await world.append()
    # After 1, 2, 4, ... seconds, and once a minute in the end.
    assert 12 <= len(first.asked) <= 16
    assert publication.published is not None
    assert publication.published.pending
    first.failing = None
    await world.clock.advance(61.0)
    publication.offer()
    await world.clock.settle()
    assert not publication.published.pending
    assert publication.published.size == 601
    await publication.stop()


async def test_a_witness_that_never_answers_is_given_up(world: World) -> None:
    world.witnesses[0].delay_s = 1_000_000.0
    publication = world.publication(quorum=1)
    await publication.start()
    await world.append()
    publication.offer()
    await world.clock.advance(10.0)
    assert world.problems() == [("a.example", "WitnessAway")]
    assert "no answer within 10 s" in world.observer.of(WitnessFailed)[0].problem
    await publication.stop()


@pytest.mark.parametrize("answer", ["forged", "stranger", "nothing", "zero"])
async def test_a_lie_counts_for_nothing_and_is_told(world: World, answer: str) -> None:
    def lie(lines: Sequence[SignatureLine]) -> Sequence[SignatureLine] | int:
        stranger = [SignatureLine("c.example", b"1234", b"x" * 72)]
        answers: dict[str, Sequence[SignatureLine] | int] = {
            "forged": forged(lines),
            "stranger": stranger,
            "nothing": [],
            "zero": 0,
        }
        return answers[answer]

    world.witnesses[0].lie = lie
    publication = world.publication(quorum=1)
    await publication.start()
    await world.append()
    publication.offer()
    await world.clock.settle()
    assert world.problems() == [("a.example", "WitnessAway")]
    assert by_whom(publication.published, world) == {"b.example"}
    assert await world.log.witnessed_at(0) == BEGAN_S
    await publication.stop()


async def test_cosignatures_of_strangers_beside_a_good_one_are_not_shown(world: World) -> None:
    stranger = SignatureLine("c.example", b"1234", b"x" * 72)
    world.witnesses[0].lie = lambda lines: [stranger, *forged(lines), *lines]
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append()
    publication.offer()
    await world.clock.settle()
    assert publication.published is not None
    assert not publication.published.pending
    assert stranger not in publication.published.note.signatures
    assert len(publication.published.note.signatures) == 3
    await publication.stop()


async def test_a_witness_that_knows_us_is_asked_with_the_size_it_stands_at(world: World) -> None:
    publication = world.publication(quorum=2)
    await publication.start()
    for _ in range(3):
        await world.append(2)
        publication.offer()
        await world.clock.settle()
    await publication.stop()
    again = world.publication(quorum=2)
    await again.start()
    assert again.published is not None
    assert (again.published.size, again.published.pending) == (6, False)
    for one in world.witnesses:
        # Two to learn where it stands and to have the newest cosigned at the second start.
        assert [asked.old_size for asked in one.asked] == [0, 2, 4, 0, 6]
    await again.stop()


async def test_a_witness_that_forgot_everything_begins_anew(world: World) -> None:
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append(3)
    publication.offer()
    await world.clock.settle()
    world.witnesses[0].reference.seen.clear()
    await world.append(3)
    publication.offer()
    await world.clock.settle()
    assert publication.published is not None
    assert (publication.published.size, publication.published.pending) == (6, False)
    await publication.stop()


async def test_what_is_cosigned_already_is_not_pending_after_a_restart(world: World) -> None:
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append(3)
    publication.offer()
    await world.clock.settle()
    before = publication.published
    assert before is not None
    await publication.stop()
    for one in world.witnesses:
        one.failing = WitnessAway(one.key.name, "down")
    again = world.publication(quorum=2)
    await again.start()
    assert again.published is not None
    assert (again.published.note, again.published.pending) == (before.note, False)
    await again.stop()


async def test_what_became_durable_before_a_crash_is_public_after_the_start(world: World) -> None:
    await world.append(3)
    publication = world.publication(quorum=2)
    await publication.start()
    assert publication.published is not None
    assert (publication.published.size, publication.published.pending) == (3, False)
    await publication.stop()


async def test_a_witness_away_at_the_start_is_asked_later(world: World) -> None:
    await world.append(3)
    world.witnesses[0].failing = WitnessAway("a.example", "down")
    publication = world.publication(quorum=2)
    await publication.start()
    assert publication.published is not None
    assert publication.published.pending
    world.witnesses[0].failing = None
    await world.clock.advance(1.0)
    assert not publication.published.pending
    await publication.stop()


async def _seen(world: World, size: int, at_us: int = 0) -> None:
    """Both witnesses have seen a log of that size, of the same key."""
    log = FakeLog()
    await world.append(size, log, at_us)
    publication = world.publication(quorum=2, log=log)
    await publication.start()
    await publication.stop()


@pytest.mark.parametrize(("seen", "size", "said"), [(5, 3, "5 entries"), (5, 4, "and 4 are here")])
async def test_a_log_that_lost_its_end_does_not_start(
    world: World, seen: int, size: int, said: str
) -> None:
    await _seen(world, seen)
    await world.append(size)
    with pytest.raises(LogBehind, match=said):
        await world.publication().start()
    assert ("a.example", "LogBehind") in world.problems()


@pytest.mark.parametrize("size", [5, 6, 9])
async def test_a_log_that_was_written_anew_does_not_start(world: World, size: int) -> None:
    await _seen(world, 5)
    await world.append(size, at_us=7)
    with pytest.raises(LogBehind, match="refuses what follows 5 entries"):
        await world.publication().start()


async def test_a_log_that_lost_everything_does_not_start(world: World) -> None:
    await _seen(world, 5)
    with pytest.raises(LogBehind, match="has cosigned 5 entries, and 0 are here"):
        await world.publication(signer=FakeSigner(LOG)).start()


async def test_an_empty_log_starts_where_witnesses_have_seen_nothing(world: World) -> None:
    publication = world.publication(quorum=2, signer=FakeSigner(LOG))
    world.witnesses[1].failing = WitnessAway("b.example", "down")
    await publication.start()
    assert publication.published is None
    world.witnesses[1].failing = None
    await world.clock.advance(1.0)
    assert publication.published is None
    await world.append(2)
    publication.offer()
    await world.clock.settle()
    assert publication.published is not None
    assert not publication.published.pending
    await publication.stop()


async def test_one_witness_that_says_the_same_size_twice_has_another_root(world: World) -> None:
    await world.append(4)
    world.witnesses[0].lie = lambda lines: 4
    with pytest.raises(LogBehind, match="another root of 4 entries"):
        await world.publication().start()


async def test_a_stranger_to_the_witness_starts_and_stays_pending(world: World) -> None:
    await world.append(4)
    for one in world.witnesses:
        one.failing = WitnessRefused(one.key.name, "404 the origin is unknown")
    publication = world.publication(quorum=1)
    await publication.start()
    assert publication.published is not None
    assert publication.published.pending
    assert world.problems() == [("a.example", "WitnessRefused"), ("b.example", "WitnessRefused")]
    await publication.stop()


async def test_a_witness_that_turns_out_to_be_ahead_while_running_is_told(world: World) -> None:
    for one in world.witnesses:
        one.failing = WitnessAway(one.key.name, "down")
    publication = world.publication(quorum=1)
    await publication.start()
    other = _worlds(["a.example", "b.example"])
    await other.append(9, world.log)
    publication.offer()
    await world.clock.settle()
    for one in world.witnesses:
        one.failing, one.lie = None, lambda lines: 99
    await world.clock.advance(10.0)
    assert ("a.example", "LogBehind") in world.problems()
    assert publication.published is not None
    assert (publication.published.size, publication.published.pending) == (9, True)
    await publication.stop()


async def test_once_a_witness_is_found_ahead_nothing_more_is_published(world: World) -> None:
    await world.append(3)
    publication = world.publication(quorum=1)
    await publication.start()
    for one in world.witnesses:
        one.lie = lambda lines: 99
    assert publication.behind is None
    await world.append(2)
    publication.offer()
    await world.clock.advance(10.0)
    assert publication.behind is not None
    assert publication.published is not None
    assert publication.published.size == 3
    await publication.stop()


@pytest.mark.parametrize(
    ("quorum", "away", "starts"), [(1, 1, False), (1, 0, True), (2, 1, True), (2, 2, False)]
)
@pytest.mark.parametrize("size", [0, 3])
async def test_it_can_insist_on_hearing_enough_witnesses_first(
    world: World, quorum: int, away: int, size: int, *, starts: bool
) -> None:
    if size:
        await world.append(size)
    for one in world.witnesses[:away]:
        one.failing = WitnessAway(one.key.name, "down")
    publication = world.publication(quorum=quorum, signer=FakeSigner(LOG), must_hear=True)
    if starts:
        await publication.start()
    else:
        with pytest.raises(LogUnavailable, match=r"log\.start_unheard"):
            await publication.start()
    await publication.stop()


async def test_without_witnesses_there_is_nobody_to_hear(world: World) -> None:
    alone = evolve(world, witnesses=())
    publication = alone.publication(quorum=0, signer=FakeSigner(LOG), must_hear=True)
    await publication.start()
    await publication.stop()


async def test_a_log_that_fails_is_tried_again_and_told(world: World) -> None:
    publication = world.publication(quorum=1)
    await publication.start()
    await world.append()
    world.log.failing = LogUnavailable("locked")
    publication.offer()
    await world.clock.settle()
    assert publication.published is None
    (event,) = world.observer.of(PublicationFailed)
    assert (event.error, event.problem) == ("LogUnavailable", "locked")
    world.log.failing = None
    await world.clock.advance(1.0)
    assert publication.published is not None
    assert not publication.published.pending
    await publication.stop()


async def test_a_cosignature_that_cannot_be_kept_does_not_count(world: World) -> None:
    for one in world.witnesses:
        one.delay_s = 1.0
    publication = world.publication(quorum=1)
    await publication.start()
    await world.append()
    publication.offer()
    await world.clock.advance(0.5)
    world.log.failing = LogUnavailable("locked")
    await world.clock.advance(1.0)
    assert len(world.observer.of(PublicationFailed)) == 2
    assert publication.published is not None
    assert publication.published.pending
    world.log.failing = None
    await world.clock.advance(2.0)
    assert not publication.published.pending
    assert await world.log.witnessed_at(0) == BEGAN_S + 3
    await publication.stop()


async def test_a_log_that_cannot_be_read_at_the_start_does_not_start(world: World) -> None:
    world.log.failing = LogUnavailable("locked")
    with pytest.raises(LogUnavailable):
        await world.publication().start()


async def test_what_was_shown_is_never_taken_back(world: World) -> None:
    publication = world.publication(quorum=1)
    await publication.start()
    await world.append(5)
    publication.offer()
    await world.clock.settle()
    shown = publication.published
    smaller = FakeLog()
    await world.append(3, smaller)
    # Somebody puts an older store in the place of the newer one.
    vars(world.log).update(vars(smaller))
    publication.offer()
    await world.clock.advance(5.0)
    assert publication.published == shown
    await publication.stop()


async def test_one_who_waits_for_more_is_told_of_it(world: World) -> None:
    publication = world.publication(quorum=1)
    await publication.start()
    waiting = [asyncio.create_task(publication.beyond(size)) for size in (0, 1, 2)]
    for done in (0, 1, 2, 3):
        await world.clock.settle()
        assert [one.done() for one in waiting] == [done > size for size in (0, 1, 2)]
        await world.append()
        publication.offer()
    assert [(await one).size for one in waiting] == [1, 2, 3]
    assert (await publication.beyond(0)).size >= 3
    await publication.stop()


async def test_it_ends_with_what_was_offered_public(world: World) -> None:
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append()
    publication.offer()
    await publication.stop()
    assert publication.published is not None
    assert not publication.published.pending


async def test_it_ends_while_witnesses_are_silent(world: World) -> None:
    for one in world.witnesses:
        one.delay_s = 1_000_000.0
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append()
    publication.offer()
    stopping = asyncio.create_task(publication.stop())
    await world.clock.advance(PATIENCE_S)
    await stopping
    assert publication.published is not None
    assert publication.published.pending


async def test_it_ends_while_the_log_is_away(world: World) -> None:
    publication = world.publication(quorum=2)
    await publication.start()
    await world.append()
    world.log.failing = LogUnavailable("locked")
    publication.offer()
    stopping = asyncio.create_task(publication.stop())
    await world.clock.advance(2 * PATIENCE_S)
    await stopping
    assert publication.published is None


async def test_one_that_never_started_ends_too(world: World) -> None:
    await world.publication().stop()


async def test_witnesses_and_policy_must_go_together(world: World) -> None:
    first, second = world.witnesses
    log = FakeSigner(LOG).key
    for policy, witnesses, problem in (
        (Policy(log, (WitnessKey(first.key),), 1), (first, second), "not in the policy"),
        (Policy(log, (WitnessKey(first.key),), 1), (first, first), "there twice"),
    ):
        with pytest.raises(InvalidInput, match=problem):
            Publication(
                world.log,
                policy,
                witnesses,
                fake_verify,
                clock=world.clock,
                observer=world.observer,
            )
