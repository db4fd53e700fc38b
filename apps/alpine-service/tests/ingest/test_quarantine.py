"""Refusals are kept once, within bounds, until somebody answers for closing them."""

import pytest

from alpine_service.adapters.postgres.quarantine import MOST_OPEN, PostgresQuarantine
from alpine_service.domain.signals.rejection import LARGEST_PIECE, Rejection
from alpine_service.errors import NotThere
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.testing.fake_clock import BEGINNING, FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.postgres import TestDatabase

LOG = "publisher.example/log"


def standing_of(database: TestDatabase) -> IngestStanding:
    return IngestStanding(PostgresQuarantine(database.app), FakeClock(), FakeObserver(), LOG)


def rejection(number: int, *, halts: bool = False) -> Rejection:
    evidence = {"checkpoint": str(number).encode()}
    return Rejection("bad", "it is bad", evidence, size=number, halts=halts)


async def test_a_refusal_is_listed_with_its_evidence(database: TestDatabase) -> None:
    quarantine, standing = PostgresQuarantine(database.app), standing_of(database)
    assert await quarantine.keep(LOG, rejection(7), BEGINNING)
    (one,) = await standing.quarantines()
    assert (one.reason, one.size, one.times, one.evidence) == ("bad", 7, 1, ("checkpoint",))
    assert await standing.evidence(one.id, "checkpoint") == b"7"
    with pytest.raises(NotThere):
        await standing.evidence(one.id, "entry")


async def test_a_refusal_is_resolved_by_somebody_once(database: TestDatabase) -> None:
    quarantine, standing = PostgresQuarantine(database.app), standing_of(database)
    await quarantine.keep(LOG, rejection(7), BEGINNING)
    (one,) = await standing.quarantines()
    await standing.resolve(one.id, "usr_operator")
    assert await standing.quarantines() == []
    (resolved,) = await standing.quarantines(resolved=True)
    assert (resolved.resolved_by, resolved.resolved_at) == ("usr_operator", BEGINNING)
    with pytest.raises(NotThere):
        await standing.resolve(one.id, "usr_operator")


async def test_what_is_large_is_cut(database: TestDatabase) -> None:
    quarantine, standing = PostgresQuarantine(database.app), standing_of(database)
    evidence = {"tile/entries/000": b"\1" * (LARGEST_PIECE + 1)}
    await quarantine.keep(LOG, Rejection("bad", "it is bad", evidence), BEGINNING)
    (one,) = await standing.quarantines()
    assert len(await standing.evidence(one.id, "tile/entries/000")) == LARGEST_PIECE


async def test_one_liar_cannot_fill_the_disk_and_a_fork_is_kept_all_the_same(
    database: TestDatabase,
) -> None:
    quarantine = PostgresQuarantine(database.app)
    await database.app.execute(
        "INSERT INTO quarantine (log, at, reason, problem, digest, last_at)"
        " SELECT $1, $2, 'bad', 'it is bad', int8send(n), $2 FROM generate_series(1, $3::int) n",
        LOG,
        BEGINNING,
        MOST_OPEN,
    )
    assert not await quarantine.keep(LOG, rejection(1), BEGINNING)
    assert await quarantine.keep(LOG, rejection(2, halts=True), BEGINNING)
    assert await quarantine.is_halted(LOG)
    assert (await quarantine.standing(LOG)).open_quarantines == MOST_OPEN + 1
    assert not await quarantine.is_halted("other.example/log")


async def test_nor_can_one_who_shows_forks_without_end(database: TestDatabase) -> None:
    quarantine = PostgresQuarantine(database.app)
    await database.app.execute(
        "INSERT INTO quarantine (log, at, reason, problem, halts, digest, last_at)"
        " SELECT $1, $2, 'fork', 'two', true, int8send(n), $2 FROM generate_series(1, $3::int) n",
        LOG,
        BEGINNING,
        MOST_OPEN,
    )
    assert not await quarantine.keep(LOG, rejection(1, halts=True), BEGINNING)
    assert await quarantine.is_halted(LOG)
    assert await quarantine.keep(LOG, rejection(2), BEGINNING)
