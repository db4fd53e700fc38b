"""A log in PostgreSQL that several processes read, and that one of them writes by turns."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_core.errors import LogFenced, LogUnavailable
from argo_core.ledger.record import Batch
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.fake_signer import FakeSigner

SIGNER = FakeSigner(LOG)
CALL_S = 20.0
Logs = tuple[PostgresLog, PostgresLog]


@pytest.fixture
async def logs(roles: Roles) -> AsyncIterator[Logs]:
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(
                PostgresLog.open(roles.app_url, SIGNER, writing=False, call_s=CALL_S)
            )
            for _ in range(2)
        ]
        yield one, other


async def batch(log: PostgresLog) -> Batch:
    head = await log.head()
    return Batch(head.size, (tiny_quiet(head.next_seq.get("alpha", 0)),))


async def test_what_one_writes_the_other_reads_and_goes_on_with(logs: Logs) -> None:
    one, other = logs
    assert (await one.head()).size == 0
    first = await one.newest_fence()
    assert one.fence is None
    assert await one.begin_writing(first) == one.fence == first + 1
    head = await one.append(await batch(one))
    assert await other.head() == head
    assert await other.checkpoint() == await one.checkpoint()

    await one.end_writing()
    assert one.fence is None
    assert await other.begin_writing(await other.newest_fence()) == first + 2
    assert await other.append(await batch(other)) == await one.head()


async def test_a_late_batch_carries_an_old_fence_and_is_refused(logs: Logs) -> None:
    one, other = logs
    await one.begin_writing(await one.newest_fence())
    late = await batch(one)
    # The first one's session is there all the while, as that of a paused process is.
    await other.begin_writing(await other.newest_fence())
    for _ in range(2):
        with pytest.raises(LogFenced):
            await one.append(late)
    assert (await other.append(late)).size == 1


async def test_of_two_who_saw_the_same_fence_one_takes_the_next(logs: Logs) -> None:
    one, other = logs
    newest = await one.newest_fence()
    await one.begin_writing(newest)
    with pytest.raises(LogFenced, match=f"was taken after {newest}"):
        await other.begin_writing(newest)
    assert other.fence is None


async def test_whoever_only_reads_writes_nothing(logs: Logs) -> None:
    one, _ = logs
    for call in (
        one.append(Batch(0, (tiny_quiet(0),))),
        one.cosign(1, []),
        one.rebuild_read_model(),
    ):
        with pytest.raises(LogFenced, match="for reading only"):
            await call


async def test_whoever_writes_alone_waits_for_nobody(logs: Logs, roles: Roles) -> None:
    one, _ = logs
    await one.begin_writing(await one.newest_fence())
    with pytest.raises(LogUnavailable, match="another process writes to it"):
        async with PostgresLog.open(roles.app_url, SIGNER, call_s=CALL_S):
            pass
