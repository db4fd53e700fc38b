"""A log that several processes read, and that one of them writes by turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from argo_adapters.file_lock import file_lock
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.making import make_log
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogFenced, LogUnavailable, LogUnusable
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.record import Batch
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.fake_signer import FakeSigner

SIGNER = FakeSigner(LOG)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite3"


@pytest.fixture
async def logs(path: Path) -> AsyncIterator[tuple[SqliteLog, SqliteLog]]:
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(SqliteLog.open(path, SIGNER, writing=False))
            for _ in range(2)
        ]
        yield one, other


async def batch(log: SqliteLog) -> Batch:
    head = await log.head()
    return Batch(head.size, (tiny_quiet(head.next_seq.get("alpha", 0)),))


async def test_what_one_writes_the_other_reads_and_goes_on_with(
    logs: tuple[SqliteLog, SqliteLog], path: Path
) -> None:
    one, other = logs
    assert (await one.head()).size == 0
    assert (one.fence, await one.newest_fence()) == (None, 0)
    assert await one.begin_writing(0) == one.fence == 1
    head = await one.append(await batch(one))
    assert await other.head() == head
    assert await other.checkpoint() == await one.checkpoint()
    assert len(await other.entries(0, 9)) == 1

    await one.end_writing()
    assert one.fence is None
    assert await other.begin_writing(await other.newest_fence()) == 2
    head = await other.append(await batch(other))
    assert await one.head() == head
    await other.end_writing()
    assert (await asyncio.to_thread(verify, path)).verified


async def test_a_late_batch_carries_an_old_fence_and_is_refused(
    logs: tuple[SqliteLog, SqliteLog], path: Path
) -> None:
    one, other = logs
    await one.begin_writing(0)
    late = await batch(one)
    await other.begin_writing(1)
    with pytest.raises(LogFenced, match="with lease 2 after our 1"):
        await one.append(late)
    assert (await other.append(late)).size == 1
    # And what is there already is there, whoever asks.
    assert (await asyncio.to_thread(verify, path)).verified


async def test_of_two_who_saw_the_same_fence_one_takes_the_next(
    logs: tuple[SqliteLog, SqliteLog],
) -> None:
    one, other = logs
    assert await one.newest_fence() == await other.newest_fence() == 0
    await one.begin_writing(0)
    with pytest.raises(LogFenced, match="lease 1 was taken after 0"):
        await other.begin_writing(0)
    assert other.fence is None
    assert (await one.append(await batch(one))).size == 1


async def test_whoever_only_reads_writes_nothing(logs: tuple[SqliteLog, SqliteLog]) -> None:
    one, _ = logs
    lines: list[Cosignature] = []
    for call in (one.append(Batch(0, (tiny_quiet(0),))), one.cosign(1, lines)):
        with pytest.raises(LogFenced, match="for reading only"):
            await call


async def test_whoever_writes_alone_lets_nobody_in_and_waits_for_nobody(
    logs: tuple[SqliteLog, SqliteLog], path: Path, tmp_path: Path
) -> None:
    with pytest.raises(LogUnavailable, match="already writes here"):
        async with SqliteLog.open(path, SIGNER):
            pass
    alone = tmp_path / "alone.sqlite3"
    async with SqliteLog.open(alone, SIGNER):
        with pytest.raises(LogUnavailable, match="already writes here"):
            async with SqliteLog.open(alone, SIGNER, writing=False):
                pass


async def test_a_log_that_is_being_made_is_waited_for(path: Path) -> None:
    with file_lock(path.with_name(path.name + ".making")):
        opening = asyncio.create_task(_head_of(path))
        done, _ = await asyncio.wait({opening}, timeout=0.2)
        assert not done
    assert await opening == 0


async def _head_of(path: Path) -> int:
    async with SqliteLog.open(path, SIGNER, writing=False) as log:
        return (await log.head()).size


def test_another_programs_file_is_left_alone(path: Path) -> None:
    path.write_bytes(b"hello" * 1000)
    with pytest.raises(LogUnusable):
        make_log(path, 1.0)
    assert path.read_bytes() == b"hello" * 1000
