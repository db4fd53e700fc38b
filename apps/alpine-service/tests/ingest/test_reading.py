"""An honest log, read over HTTP into PostgreSQL."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import orjson
import pytest
from aiohttp import web

from alpine_service.adapters.postgres.feed_store import VOUCHED_AT_ONCE, PostgresFeed
from alpine_service.adapters.secrets.ed25519 import make_signer
from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.proof_file import read_proof_file
from alpine_service.domain.feed.tile import Tile
from alpine_service.domain.feed.tree import check_inclusion
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.domain.signals.event import Audience
from alpine_service.errors import DatabaseRefused, NotThere
from alpine_service.services.ingest_chunk import ChunkSize
from alpine_service.services.ingest_hints import HINTED_S
from alpine_service.services.proofs import Proofs
from alpine_service.testing.fake_tracer import FakeTracer
from alpine_service.testing.lies import grow
from alpine_service.testing.log_server import Handler
from alpine_service.testing.members import (
    correct_members,
    key_members,
    outcome_members,
    quiet_members,
    retire_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import Reader, open_reader
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.tricks import TRICKS

WITNESS = make_signer("witness.example/one", b"\x09" * 32, Algorithm.COSIGNATURE)


async def test_a_look_is_a_span_and_the_proof_another_within_it(database: TestDatabase) -> None:
    tracer = FakeTracer()
    async with SmallLog() as log, open_reader(log, database.app, tracer=tracer) as reader:
        await log.append(strategy_members(), signal_members("one"))
        await reader.catch_up()
    async with open_reader(log, database.app, tracer=tracer) as reader:
        await reader.ingest.look()

    taken, verified, idle, away = tracer.spans
    assert [each.name for each in (taken, idle, away)] == ["ingest.round"] * 3
    assert [each.facts for each in (taken, idle)] == [{"size": 2, "failures": 0}] * 2
    assert (verified.name, verified.facts) == ("ingest.verify", {"first": 0, "promised": 2})
    assert verified.within is taken
    assert away.facts == {"size": 2, "failures": 1}


async def told(reader: Reader) -> list[tuple[str, int, int]]:
    return [(each.kind.value, each.log_index, int(each.audience)) for each in await reader.events()]


async def test_a_signal_is_stored_and_told_once(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members())
        (signal,) = await log.append(signal_members("one"))
        await reader.catch_up()
        await reader.catch_up()
        assert await told(reader) == [("strategy.registered", 0, 0), ("signal.published", 1, 0)]
        row = await database.app.fetchrow("SELECT * FROM signals")
        assert row is not None
        assert (row["log_index"], row["signal_id"], row["audience"]) == (1, "one", 0)
        assert row["data"] == signal.data


async def test_every_kind_of_entry_is_told_as_what_it_is(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        _, signal, *_ = await log.append(
            strategy_members(),
            signal_members("one"),
            quiet_members(1, 2),
            key_members(str(log.key)),
        )
        await log.append(
            outcome_members(1, signal.members),
            trade_members("order-1", signal_index=1),
            trade_members("order-2"),
            correct_members(1),
            retire_members(),
        )
        await reader.catch_up()
        assert await told(reader) == [
            ("strategy.registered", 0, 0),
            ("signal.published", 1, 0),
            ("outcome.resolved", 4, 0),
            ("trade.reported", 5, 0),
            ("trade.reported", 6, 0),
            ("entry.corrected", 7, 0),
            ("strategy.retired", 8, 0),
        ]
        row = await database.app.fetchrow("SELECT * FROM signals")
        assert row is not None
        assert (row["outcome_index"], row["result"], row["return_bp"]) == (4, "target", 206)
        strategy = await database.app.fetchrow("SELECT * FROM strategies")
        assert strategy is not None
        assert (strategy["next_seq"], strategy["retired_index"]) == (9, 8)


async def test_a_strategy_that_is_registered_again_is_not_retired(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members(), retire_members())
        await reader.catch_up()
        await log.append(retire_members("once more"), strategy_members("delayed"))
        await reader.catch_up()
        strategy = await database.app.fetchrow("SELECT * FROM strategies")
        assert strategy is not None
        assert strategy["retired_index"] is None
        assert (strategy["registered_index"], strategy["disclosure"]) == (3, "delayed")


async def test_an_outcome_without_a_price_has_no_return(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        (signal,) = await log.append(signal_members("one"))
        await reader.catch_up()
        await log.append(outcome_members(0, signal.members, "void"))
        await reader.catch_up()
        row = await database.app.fetchrow("SELECT result, return_bp FROM signals")
        assert row is not None
        assert tuple(row) == ("void", None)


async def test_a_sealed_signal_is_for_real_time_until_its_reveal(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("sealed", symbol="MSFT"))
        await reader.catch_up()
        assert (await told(reader))[1:] == [("signal.committed", 1, 0), ("signal.published", 1, 1)]
        row = await database.app.fetchrow("SELECT audience, symbol FROM signals")
        assert row is not None
        assert tuple(row) == (1, "MSFT")

        await log.reveal(1)
        await reader.catch_up()
        assert (await told(reader))[3:] == [("signal.revealed", 2, 0)]
        row = await database.app.fetchrow("SELECT audience, revealed_index FROM signals")
        assert row is not None
        assert tuple(row) == (0, 2)
        revealed = orjson.loads((await reader.events())[-1].data)
        assert (revealed["signal_index"], revealed["id"]) == (1, "sealed")


async def test_without_a_key_a_signal_comes_with_its_reveal(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app, api_key=None) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("sealed"))
        await reader.catch_up()
        row = await database.app.fetchrow("SELECT audience, data FROM signals")
        assert row is not None
        assert tuple(row) == (None, None)
        await log.reveal(1)
        await reader.catch_up()
        assert await told(reader) == [
            ("strategy.registered", 0, 0),
            ("signal.committed", 1, 0),
            ("signal.revealed", 2, 0),
        ]


async def test_commit_outcome_and_reveal_that_come_at_once_are_told_in_their_order(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.add(strategy_members("delayed"))
        log.record.commit(signal_members("sealed"))
        signal = signal_members("sealed")
        log.add(outcome_members(1, signal))
        log.add(trade_members("order", signal_index=1))
        log.record.reveal(1)
        log.add(trade_members("order", signal_index=1))
        await log.publish()
        await reader.catch_up()
        assert await told(reader) == [
            ("strategy.registered", 0, 0),
            ("signal.committed", 1, 0),
            ("outcome.resolved", 2, 1),
            ("trade.reported", 3, 1),
            ("signal.revealed", 4, 0),
            ("trade.reported", 5, 0),
        ]
        revealed = orjson.loads((await reader.events())[4].data)
        assert (revealed["outcome_index"], revealed["return_bp"]) == (2, 206)


async def test_what_is_said_of_a_signal_sealed_before_waits_for_its_reveal(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app, api_key=None) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("sealed"))
        await reader.catch_up()
        await log.append(
            outcome_members(1, signal_members("sealed")), trade_members("order", signal_index=1)
        )
        await reader.catch_up()
        await log.reveal(1)
        await reader.catch_up()
        assert (await told(reader))[2:] == [
            ("outcome.resolved", 2, 1),
            ("trade.reported", 3, 1),
            ("signal.revealed", 4, 0),
        ]


async def test_a_long_log_is_caught_up_in_pieces_of_bounded_size(database: TestDatabase) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app, chunk_size=ChunkSize(entries=256)) as reader,
    ):
        for number in range(1500):
            log.add(signal_members(f"signal-{number}", sources=("prices",), facts=0))
        await log.publish()
        sizes = []
        while not await reader.ingest.look():
            head = await reader.store.head(log.name)
            assert head is not None
            sizes.append(head.size)
            assert head.promised.size == 1500
        assert len(sizes) > 2
        assert all(later - size <= 512 for size, later in pairwise(sizes))
        assert len(await reader.events()) == 1500
        assert [each.number for each in await reader.events()] == list(range(1, 1501))


async def test_a_log_that_grows_while_it_is_caught_up_is_held_to_what_it_promised(
    database: TestDatabase,
) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app, chunk_size=ChunkSize(entries=256)) as reader,
    ):
        for number in range(2000):
            log.add(signal_members(f"signal-{number}", sources=("prices",), facts=0))
        await log.publish()
        await reader.ingest.look()
        await log.append(signal_members("more"))
        await reader.ingest.look()
        head = await reader.store.head(log.name)
        assert head is not None
        assert (head.size, head.promised.size) == (1024, 2001)

        # The part that was promised and not read yet is another one now.
        entries = list(log.entries)
        entries[1999] = entries[0]
        log.record.rewrite(entries)
        grow(log)
        await reader.ingest.look()
        (refused,) = await reader.refused()
        assert (refused.reason, refused.halts) == ("fork", True)
        assert len(await reader.events()) == 1024


async def test_tiles_that_do_not_show_what_was_promised_are_no_fork(
    database: TestDatabase,
) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app, chunk_size=ChunkSize(entries=256)) as reader,
    ):
        for number in range(2000):
            log.add(signal_members(f"signal-{number}", sources=("prices",), facts=0))
        await log.publish()
        await reader.ingest.look()
        await log.append(signal_members("more"))
        # Wrong where the entries that come next are proved without it.
        true = log.record.hashes(Tile(1, 0, 7))
        log.server.replaced["tile/1/000.p/7"] = b"\x01" * 32 + true[32:]
        await reader.ingest.look()
        (refused,) = await reader.refused()
        assert (refused.reason, refused.halts) == ("bad-consistency", False)
        assert len(await reader.events()) == 512
        log.server.replaced.clear()
        await reader.catch_up()
        assert len(await reader.events()) == 2001


async def test_large_entries_are_taken_in_smaller_pieces(database: TestDatabase) -> None:
    size = ChunkSize(bytes=100_000)
    async with SmallLog() as log, open_reader(log, database.app, chunk_size=size) as reader:
        for number in range(1100):
            log.add(signal_members(f"signal-{number}"))
        await log.publish()
        await reader.ingest.look()
        assert len(await reader.events()) == 1024
        await reader.catch_up()
        assert len(await reader.events()) == 1100


async def test_two_readers_of_one_log_do_everything_once(database: TestDatabase) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app) as one,
        open_reader(log, database.app) as other,
    ):
        for number in range(6):
            await log.append(*(signal_members(f"{number}-{each}") for each in range(50)))
            await asyncio.gather(one.ingest.look(), other.ingest.look())
        await one.catch_up()
        assert [each.log_index for each in await one.events()] == list(range(300))


async def test_who_comes_second_with_the_same_entries_writes_nothing(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        store = reader.store
        async with store.reading(log.name) as first, store.reading(log.name) as second:
            assert (first, second) == (True, False)
            assert await reader.ingest.look() > 0
            assert await reader.events() == []
        await reader.catch_up()
        assert len(await reader.events()) == 1


async def test_who_holds_its_turn_too_long_loses_it_and_nothing_else(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        slow = PostgresFeed(database.app, turn_s=0.05)
        async with slow.reading(log.name) as first:
            old = await slow.head(log.name)
            assert (first, old) == (True, None)

            async def is_free() -> bool:
                async with reader.store.reading(log.name) as second:
                    return second

            await until(is_free, 10, "the server has ended the turn")
            await reader.catch_up()
        assert [each.log_index for each in await reader.events()] == [0]
        # Whoever was paused finds everything as the other left it, and may read again.
        async with slow.reading(log.name) as again:
            assert again


async def test_what_was_read_from_a_head_that_moved_is_not_written(
    database: TestDatabase,
) -> None:
    async def overtake(request: web.Request, honest: Handler) -> web.StreamResponse:
        await database.app.execute(
            "INSERT INTO feed_head (log, size, root, nodes, note, read_at, heard_at)"
            " VALUES ($1, 1, $2, '', '', now(), now())",
            log.name,
            b"\x01" * 32,
        )
        return await honest(request)

    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        log.server.tricks["/tile/entries"] = overtake
        await reader.ingest.look()
        assert await reader.events() == []
        assert "ingest.accepted" not in reader.observer.names()


async def test_a_tile_that_is_lost_proves_nothing(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"), signal_members("two"))
        await reader.catch_up()
        await database.owner.execute("DELETE FROM tiles")
        with pytest.raises(DatabaseRefused):
            await Proofs(reader.store).proof_file(0)


async def test_a_database_holds_one_log(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        await reader.catch_up()
    async with SmallLog(name="other.example/log") as log, open_reader(log, database.app) as reader:
        with pytest.raises(DatabaseRefused):
            await reader.ingest.look()


async def test_an_absent_log_is_awaited_and_then_read_on(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        await reader.catch_up()
        port = int(log.url.rpartition(":")[2])
        await log.server.stop()
        assert await reader.ingest.look() > 0
        assert "ingest.away" in reader.observer.names()
        await reader.clock.advance(90)
        facts = await reader.standing.facts()
        assert facts.silent_s == 90.0
        await log.server.start(port)
        await log.append(signal_members("two"))
        await reader.catch_up()
        assert [each.log_index for each in await reader.events()] == [0, 1]
        assert (await reader.standing.facts()).silent_s == 0.0


async def test_a_log_that_is_behind_for_a_while_loses_nothing(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        old, size = log.checkpoint, log.size
        await log.append(signal_members("two"))
        await reader.catch_up()
        new = log.checkpoint
        log.show(size, old)
        assert await reader.ingest.look() > 0
        (refused,) = await reader.refused()
        assert (refused.reason, refused.halts) == ("rollback", False)
        log.show(2, new)
        await reader.catch_up()
        await log.append(signal_members("three"))
        await reader.catch_up()
        assert [each.log_index for each in await reader.events()] == [0, 1, 2]


async def test_an_empty_log_is_heard(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        facts = await reader.standing.facts()
        assert (facts.silent_s, facts.lag, facts.standing.read_at) == (None, 0, None)
        await reader.catch_up()
        facts = await reader.standing.facts()
        assert (facts.silent_s, facts.standing.size, facts.standing.promised) == (0.0, 0, 0)


async def test_how_far_behind_it_is_stands_in_the_facts(database: TestDatabase) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app, chunk_size=ChunkSize(entries=256)) as reader,
    ):
        await log.append(*(signal_members(f"one-{number}") for number in range(600)))
        await reader.ingest.look()
        facts = await reader.standing.facts()
        assert (facts.standing.size, facts.lag) == (512, 88)


async def test_the_official_time_is_the_least_of_a_pinned_witness(database: TestDatabase) -> None:
    async with (
        SmallLog(cosigners=[WITNESS]) as log,
        open_reader(log, database.app, witnesses=[WITNESS.verifier_key]) as reader,
    ):
        await log.append(signal_members("one"))
        first_s = log.record.now_us // 1_000_000
        await reader.catch_up()
        await log.append(signal_members("two"))
        await reader.catch_up()
        rows = await database.app.fetch("SELECT official_s FROM signals ORDER BY log_index")
        assert [row["official_s"] for row in rows] == [first_s, first_s + 1]
        data = orjson.loads((await reader.events())[0].data)
        assert data["official_s"] == first_s


async def test_a_cosignature_that_comes_late_counts_from_then_on(database: TestDatabase) -> None:
    async with (
        SmallLog() as log,
        open_reader(log, database.app, witnesses=[WITNESS.verifier_key]) as reader,
    ):
        await log.append(signal_members("one"), signal_members("two"))
        await reader.catch_up()
        before = [each.data for each in await reader.events()]
        log.cosigners = (WITNESS,)
        cosigned_s = log.record.now_us // 1_000_000
        log.show(2, log.sign(2))
        await reader.catch_up()
        rows = await database.app.fetch("SELECT official_s FROM signals")
        assert [row["official_s"] for row in rows] == [cosigned_s, cosigned_s]
        assert [each.data for each in await reader.events()] == before
        checkpoint = await reader.store.checkpoint()
        assert checkpoint is not None
        assert (checkpoint.note, checkpoint.cosigned_s) == (log.checkpoint, cosigned_s)


async def test_the_first_cosignature_of_a_long_log_is_one_for_all_of_it(
    database: TestDatabase,
) -> None:
    await database.app.execute(
        "INSERT INTO signals (log_index, strategy, seq, decided_us, disclosure)"
        " SELECT n, 'alpha', n, 0, 'delayed' FROM generate_series(0, $1::int) n",
        2 * VOUCHED_AT_ONCE,
    )
    store = PostgresFeed(database.app)
    await store.vouched("publisher.example/log", 2 * VOUCHED_AT_ONCE, 7, None)
    # The last one is above the size, and an earlier time is kept.
    await store.vouched("publisher.example/log", 2 * VOUCHED_AT_ONCE, 9, None)
    rows = await database.app.fetch(
        "SELECT official_s, count(*) AS n FROM signals GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [(7, 2 * VOUCHED_AT_ONCE), (None, 1)]
    await store.vouched("publisher.example/log", 2 * VOUCHED_AT_ONCE + 1, 8, None)
    assert await database.app.fetchval("SELECT max(official_s) FROM signals") == 8
    await store.vouched("publisher.example/log", VOUCHED_AT_ONCE, 3, None)
    assert await database.app.fetchval("SELECT count(*) FROM signals WHERE official_s = 3") == (
        VOUCHED_AT_ONCE
    )


async def test_a_witness_that_nobody_pinned_vouches_for_nothing(database: TestDatabase) -> None:
    async with SmallLog(cosigners=[WITNESS]) as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        await reader.catch_up()
        assert await database.app.fetchval("SELECT official_s FROM signals") is None


async def test_every_accepted_entry_can_be_proved(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        proofs = Proofs(reader.store)
        with pytest.raises(NotThere):
            await proofs.proof_file(0)
        entries: list[Entry] = []
        for number in range(3):
            entries += await log.append(
                *(signal_members(f"{number}-{each}") for each in range(110))
            )
            await reader.catch_up()
        for entry in entries[::37]:
            file = read_proof_file(await proofs.proof_file(entry.index))
            head = file.checkpoint.head
            assert file.checkpoint.data == log.checkpoint
            check_inclusion(entry.leaf_hash, file.index, head.size, file.proof, head.root)
        with pytest.raises(NotThere):
            await proofs.proof_file(330)
        with pytest.raises(NotThere):
            await proofs.proof_file(-1)


async def test_stored_tiles_are_those_of_the_log(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        for number in range(7):
            await log.append(*(signal_members(f"{number}-{each}") for each in range(90)))
            await reader.catch_up()
        rows = await database.app.fetch("SELECT * FROM tiles ORDER BY level, number")
        leaves = b"".join(row["hashes"] for row in rows if row["level"] == 0)
        assert leaves == b"".join(log.record._levels[0])
        above = b"".join(row["hashes"] for row in rows if row["level"] == 1)
        assert above == b"".join(log.record._levels[1])


async def test_a_hint_of_the_log_shortens_the_wait(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        running = asyncio.create_task(reader.ingest.run())
        await _until(reader, 1)
        await _passing(reader, lambda: any("stream" in path for path in log.server.asked))
        await log.append(signal_members("two"))
        # So little time passes at each turn that a hint is there long before the wait is over.
        await _until(reader, 2, passing_s=HINTED_S / 10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_hints_without_end_do_not_make_us_ask_without_end(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        running = asyncio.create_task(reader.ingest.run())
        await _until(reader, 1)
        await _passing(reader, lambda: any("stream" in path for path in log.server.asked))
        asked = log.server.asked.count("/checkpoint")
        for number in range(20):
            # Each is a hint, and no time passes.
            await log.append(signal_members(f"more-{number}"))
        assert log.server.asked.count("/checkpoint") <= asked + 2
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_without_hints_the_log_is_asked_from_time_to_time(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        log.server.tricks["/api/v1/stream"] = TRICKS["cut_stream"]
        await log.append(signal_members("one"))
        running = asyncio.create_task(reader.ingest.run())
        await _until(reader, 1)
        await log.append(signal_members("two"))
        await _until(reader, 2)
        assert "ingest.no_hints" in reader.observer.names()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_without_a_key_no_hints_are_asked_for(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app, api_key=None) as reader:
        log.server.tricks["/checkpoint"] = TRICKS["failing"]
        running = asyncio.create_task(reader.ingest.run())
        await _passing(reader, lambda: "ingest.away" in reader.observer.names())
        log.server.tricks.clear()
        await log.append(signal_members("one"))
        await _until(reader, 1)
        assert not any(path.startswith("/api") for path in log.server.asked)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_the_audience_of_an_event_bounds_who_reads_it(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("sealed"))
        await reader.catch_up()
        audiences = [each.audience for each in await reader.events()]
        assert audiences == [Audience.EVERYBODY, Audience.EVERYBODY, Audience.REALTIME]


async def _until(reader: Reader, count: int, passing_s: float = 0.2) -> None:
    """Let time pass until so many events are there."""
    async with asyncio.timeout(10):
        while len(await reader.events()) < count:
            await reader.clock.advance(passing_s)


async def _passing(reader: Reader, holds: Callable[[], bool]) -> None:
    """Give others their turn until it holds, while the clock stands still."""
    async with asyncio.timeout(10):
        while not holds():
            await reader.clock.advance(0)
