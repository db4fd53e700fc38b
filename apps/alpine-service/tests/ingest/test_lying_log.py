"""A log or its server lies: nothing of it leaves, the evidence is kept, and the service goes on."""

from copy import deepcopy

import pytest
from aiohttp import web

from alpine_service.adapters.log_http.limits import LIMITS
from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.feed.checkpoint import read_checkpoint
from alpine_service.ports.observing import Weight
from alpine_service.services.ingest_chunk import ChunkSize
from alpine_service.testing.lies import LIES, STRANGER_SEED
from alpine_service.testing.log_server import Handler
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import HASTY, Reader, open_reader
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.tricks import TRICKS

# Two trees cannot be of one history; everything else might be the doing of somebody on the way.
FORKS = {"forked_history", "forked_head", "removed_entry"}
# What is not an answer for us says nothing about the log, and is no evidence of anything.
AWAY = {"slow", "silent", "stalled", "failing", "busy", "absent", "truncated", "reset"}
# Only time ends these.
NEVER_DONE = {"slow", "silent", "stalled"}
# A stranger's tiles are only material: with honest entries they are not even asked for.
NOT_ASKED_FOR = {"reordered_tiles"}

TABLES = ("entries", "tiles", "signals", "strategies", "events", "checkpoints")


async def honest_log(log: SmallLog) -> None:
    """Six entries that every lie can be told about."""
    signals = [signal_members(f"early-{number}") for number in range(5)]
    await log.append(strategy_members(), *signals)


async def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All that was accepted, and all that was told."""
    return {
        table: sorted((tuple(row) for row in await database.fetch(f"TABLE {table}")), key=repr)
        for table in TABLES
    }


async def assert_it_goes_on(reader: Reader, log: SmallLog) -> None:
    """What an honest log says next is told."""
    (entry,) = await log.append(signal_members("honest again"))
    await reader.catch_up()
    assert (await reader.events())[-1].log_index == entry.index


@pytest.mark.parametrize("name", sorted(LIES.keys() - NOT_ASKED_FOR))
async def test_nothing_of_a_lie_leaves_and_the_evidence_is_kept(
    name: str, database: TestDatabase
) -> None:
    lie = LIES[name]
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await honest_log(log)
        await reader.catch_up()
        before, honest = await contents(database.app), deepcopy(log.record)

        lie.tell(log)
        told = log.checkpoint
        assert await reader.ingest.look() > 0
        assert await contents(database.app) == before

        (refused,) = await reader.refused()
        assert refused.reason in lie.reasons | {"fork", "rollback"}
        assert refused.halts == (lie.name in FORKS)
        assert await reader.quarantine.evidence(refused.id, "checkpoint") == told
        alerts = [each for each in reader.observer.told if each.weight is Weight.ALERT]
        assert alerts[0].what == "ingest.refused"

        # The same again is the same, and told once.
        await reader.ingest.look()
        assert len(await reader.refused()) == 1
        assert reader.observer.names().count("ingest.refused") == 1

        log.server.tricks.clear()
        log.record = honest
        if refused.halts:
            await log.append(signal_members("not heard"))
            await reader.catch_up()
            assert await contents(database.app) == before
            assert (await reader.standing.facts()).standing.is_halted
            assert reader.observer.names().count("ingest.halted") == 1
            await reader.standing.resolve(refused.id, "usr_operator")
        await assert_it_goes_on(reader, log)


@pytest.mark.parametrize("name", ["altered_entry", "cut_entry", "reordered_entries"])
async def test_an_entry_that_is_not_the_trees_is_kept_with_the_tile_that_says_so(
    name: str, database: TestDatabase
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await honest_log(log)
        await reader.catch_up()
        LIES[name].tell(log)
        await reader.ingest.look()
        (refused,) = await reader.refused()
        assert refused.log_index is not None
        served = await reader.quarantine.evidence(refused.id, "entry")
        assert served is not None
        assert any(each.startswith("tile/0/") for each in refused.evidence)


async def test_with_tiles_that_are_none_it_is_unknown_which_entry_was_altered(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await honest_log(log)
        await reader.catch_up()
        LIES["altered_entry"].tell(log)
        log.server.replaced["tile/0/000.p/7"] = b"no hashes"
        await reader.ingest.look()
        (refused,) = await reader.refused()
        assert (refused.reason, refused.log_index) == ("bad-tile", None)
        assert await reader.quarantine.evidence(refused.id, "tile/0/000.p/7") == b"no hashes"


@pytest.mark.parametrize("name", ["forked_history", "forked_head", "removed_entry", "rolled_back"])
async def test_two_histories_are_kept_with_both_signed_notes(
    name: str, database: TestDatabase
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await honest_log(log)
        await reader.catch_up()
        kept = log.checkpoint
        LIES[name].tell(log)
        await reader.ingest.look()
        (refused,) = await reader.refused()
        assert await reader.quarantine.evidence(refused.id, "kept checkpoint") == kept
        assert await reader.quarantine.evidence(refused.id, "checkpoint") == log.checkpoint


async def test_tiles_that_are_replayed_from_another_place_prove_nothing(
    database: TestDatabase,
) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app, chunk_size=ChunkSize(entries=256)) as reader,
    ):
        await honest_log(log)
        await log.append(*(signal_members(f"late-{number}") for number in range(1200)))
        honest = deepcopy(log.record)
        LIES["reordered_tiles"].tell(log)
        assert await reader.ingest.look() > 0
        assert await reader.events() == []
        (refused,) = await reader.refused()
        assert refused.reason in LIES["reordered_tiles"].reasons
        assert not refused.halts
        log.server.tricks.clear()
        log.record = honest
        await log.publish()
        await assert_it_goes_on(reader, log)


async def test_entries_of_another_log_under_its_own_key_are_refused(
    database: TestDatabase,
) -> None:
    other = SmallLog(name="other.example/log", seed=STRANGER_SEED)
    async with SmallLog() as log, open_reader(log, database.app, key=other.key) as reader:
        await honest_log(log)
        await reader.ingest.look()
        assert [each.reason for each in await reader.refused()] == ["another-log"]
        assert await reader.events() == []


async def test_a_fork_that_is_shown_again_after_it_was_resolved_halts_again(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await honest_log(log)
        await reader.catch_up()
        LIES["forked_head"].tell(log)
        await reader.ingest.look()
        (refused,) = await reader.refused()
        await reader.standing.resolve(refused.id, "usr_operator")
        await reader.ingest.look()
        (again,) = await reader.refused()
        assert (again.id, again.times, again.resolved_by) == (refused.id, 2, None)
        assert (await reader.standing.facts()).standing.is_halted


async def test_an_older_checkpoint_of_another_history_is_a_fork(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await honest_log(log)
        await reader.catch_up()
        log.show(3, log.sign(3, root=b"\x07" * 32))
        await reader.ingest.look()
        (refused,) = await reader.refused()
        assert (refused.reason, refused.halts) == ("fork", True)


@pytest.mark.parametrize("path", ["/checkpoint", "/tile/entries"])
@pytest.mark.parametrize("name", sorted(TRICKS.keys() - {"cut_stream"}))
async def test_a_server_that_misbehaves_costs_nothing_and_is_asked_again(
    name: str, path: str, database: TestDatabase
) -> None:
    limits = HASTY if name in NEVER_DONE else LIMITS
    async with (
        SmallLog() as log,
        open_reader(log, database.app) as patient,
        open_reader(log, database.app, limits=limits) as reader,
    ):
        await honest_log(log)
        await patient.catch_up()
        before = await contents(database.app)
        log.add(signal_members("late"))
        await log.publish()
        log.server.tricks[path] = TRICKS[name]
        assert await reader.ingest.look() > 0
        assert await contents(database.app) == before
        refused = await reader.refused()
        assert (len(refused) == 1) == (name not in AWAY)
        assert ("ingest.away" in reader.observer.names()) == (name in AWAY)
        log.server.tricks.clear()
        await assert_it_goes_on(patient, log)


@pytest.mark.parametrize("name", ["endless", "bomb"])
async def test_an_answer_without_end_is_cut_where_the_protocol_ends(
    name: str, database: TestDatabase
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.server.tricks["/checkpoint"] = TRICKS[name]
        await reader.ingest.look()
        (refused,) = await reader.refused()
        pieces = [await reader.quarantine.evidence(refused.id, each) for each in refused.evidence]
        assert sum(len(each or b"") for each in pieces) <= 4096
        assert refused.reason == {"endless": "too-large", "bomb": "encoded"}[name]


async def test_a_server_that_knows_us_and_says_no_is_asked_again(database: TestDatabase) -> None:
    async def refuse(request: web.Request, honest: Handler) -> web.StreamResponse:
        return web.Response(status=403)

    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.server.tricks["/checkpoint"] = refuse
        assert await reader.ingest.look() > 0
        assert "ingest.away" in reader.observer.names()
        assert await reader.refused() == []
        log.server.tricks.clear()
        await assert_it_goes_on(reader, log)


async def test_no_redirect_is_followed(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.server.tricks["/checkpoint"] = TRICKS["redirecting"]
        await reader.ingest.look()
        assert log.server.asked == ["/checkpoint"]


async def test_a_server_is_left_alone_as_long_as_it_asks_for(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.server.tricks["/checkpoint"] = TRICKS["busy"]
        assert await reader.ingest.look() == 7.0


async def test_waits_grow_to_a_minute_and_no_further(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.server.tricks["/checkpoint"] = TRICKS["failing"]
        waits = [await reader.ingest.look() for _ in range(10)]
        for number, wait in enumerate(waits):
            whole = min(60.0, 2.0**number)
            assert whole / 2 <= wait <= whole
        assert reader.observer.names().count("ingest.away") == 1
        log.server.tricks.clear()
        await reader.catch_up()
        assert "ingest.back" in reader.observer.names()


def test_the_lies_of_the_stand_in_are_all_told() -> None:
    assert LIES.keys() >= FORKS | NOT_ASKED_FOR
    assert TRICKS.keys() >= AWAY
    assert read_checkpoint(SmallLog().checkpoint).head.size == 0
