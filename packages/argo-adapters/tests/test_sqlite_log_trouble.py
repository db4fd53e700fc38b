"""Full disks, locks held by others, calls that take too long: nothing is half written."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogConflict, LogUnavailable, LogUnusable
from argo_core.ledger.record import Batch, LogHead
from argo_core.testing.entries import LOG, signal_batch, tiny_quiet
from argo_core.testing.fake_signer import FakeSigner

FIRST, SECOND = signal_batch(0, range(5)), signal_batch(5, range(5, 9))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signals.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteLog]:
    async with SqliteLog.open(path, FakeSigner(LOG), busy_s=0.01, call_s=10) as opened:
        await opened.append(FIRST)
        yield opened


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection to the same file, as from a shell."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


async def test_a_locked_file_takes_nothing_and_then_the_same_batch(
    log: SqliteLog, other: sqlite3.Connection
) -> None:
    head = await log.head()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match=r"signals\.db: database is locked"):
        await log.append(SECOND)
    assert await log.head() == head
    assert len(await log.entries(0, 100)) == 5
    other.execute("ROLLBACK")
    assert (await log.append(SECOND)).size == 9


async def test_a_full_disk_takes_nothing_and_then_the_same_batch(log: SqliteLog) -> None:
    head = await log.head()
    pages = log._writer.db.conn.execute
    await asyncio.to_thread(pages, "PRAGMA max_page_count = 1")
    large = signal_batch(5, range(5, 505))
    with pytest.raises(LogUnavailable, match="full; free some disk space"):
        await log.append(large)
    assert await log.head() == head
    await asyncio.to_thread(pages, "PRAGMA max_page_count = 1000000")
    assert (await log.append(large)).size == 505


async def test_a_call_that_takes_too_long_is_given_up_and_settled_by_repeating(
    path: Path, other: sqlite3.Connection
) -> None:
    async with SqliteLog.open(path, FakeSigner(LOG), busy_s=30, call_s=0.2) as log:
        await log.append(FIRST)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogUnavailable, match=r"no answer within 0\.2 s"):
            await log.append(SECOND)
        other.execute("ROLLBACK")
        assert (await until_taken(log, SECOND)).size == 9
        assert len(await log.entries(0, 100)) == 9


async def until_taken(log: SqliteLog, batch: Batch) -> LogHead:
    for _ in range(50):
        try:
            return await log.append(batch)
        except LogUnavailable:
            continue
    raise AssertionError("the log did not recover")


async def test_another_programs_write_is_a_conflict_and_then_the_end(
    log: SqliteLog, other: sqlite3.Connection
) -> None:
    other.execute("INSERT INTO entries VALUES (5, x'7b7d')")
    with pytest.raises(LogConflict, match="somebody else wrote"):
        await log.append(SECOND)
    with pytest.raises(LogUnusable, match="of 5 entries, the entries are 6"):
        await log.append(SECOND)


async def test_readers_are_not_held_up_by_a_writer(
    log: SqliteLog, other: sqlite3.Connection
) -> None:
    other.execute("BEGIN IMMEDIATE")
    assert len(await log.entries(0, 100)) == 5
    assert len(await log.latest()) == 3


async def test_a_damaged_page_is_found_when_it_is_read(path: Path) -> None:
    async with SqliteLog.open(path, FakeSigner(LOG)) as log:
        entries = tuple(tiny_quiet(seq) for seq in range(3_000))
        await log.append(Batch(0, entries))
    await asyncio.to_thread(damage, path)
    async with SqliteLog.open(path, FakeSigner(LOG)) as log:
        with pytest.raises(LogUnusable, match=r"malformed.*restore it from a copy"):
            await log.entries(0, 1_000)
    assert not (await asyncio.to_thread(verify, path)).verified


def damage(path: Path) -> None:
    """Write over a page that holds early entries."""
    data = bytearray(path.read_bytes())
    page = data.index(tiny_quiet(10)) // 4096 * 4096
    data[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(data)


async def test_a_cancelled_append_is_whole_or_absent(log: SqliteLog, path: Path) -> None:
    task = asyncio.create_task(log.append(SECOND))
    await asyncio.wait([task], timeout=0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await log.append(SECOND)).size == 9
    assert (await asyncio.to_thread(verify, path)).problems == ()
