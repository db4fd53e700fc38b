"""One writer at a time: the lock keeps the second out, the lease keeps the first out."""

import pytest

from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_adapters.postgres.schema import LOCK_SPACE, WRITER_LOCK
from argo_core.errors import LogFenced, LogUnavailable
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

FIRST, SECOND = signal_batch(0, range(3)), signal_batch(3, range(3, 5))

_END_WRITERS = """
SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks l
WHERE l.locktype = 'advisory' AND l.granted
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def end_writers(superuser_url: str) -> None:
    """What an operator does, or a network that lets a connection die."""
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        assert [row[0] for row in await superuser.fetch(_END_WRITERS)] == [True]


async def test_a_second_writer_is_refused_while_the_first_is_there(
    log: PostgresLog, roles: Roles
) -> None:
    with pytest.raises(LogUnavailable, match="another process writes to it"):
        async with PostgresLog.open(roles.app_url, FakeSigner(LOG)):
            pass
    assert (await log.append(FIRST)).size == 3


async def test_the_next_writer_may_come_when_the_first_has_gone(roles: Roles) -> None:
    async with PostgresLog.open(roles.app_url, FakeSigner(LOG), owner_url=roles.owner_url) as log:
        await log.append(FIRST)
    async with PostgresLog.open(roles.app_url, FakeSigner(LOG)) as log:
        assert (await log.append(SECOND)).size == 5


async def test_a_writer_that_wakes_up_after_a_takeover_is_fenced(
    log: PostgresLog, roles: Roles, superuser_url: str
) -> None:
    await log.append(FIRST)
    await end_writers(superuser_url)
    async with PostgresLog.open(roles.app_url, FakeSigner(LOG)) as second:
        for _ in range(2):
            with pytest.raises(LogFenced, match="stop, and leave the log to it"):
                await log.append(SECOND)
        with pytest.raises(LogFenced):
            await log.cosign(3, [])
        with pytest.raises(LogFenced):
            await log.rebuild_read_model()
        assert (await second.append(SECOND)).size == 5
    # It stays so when the second has gone, though nobody holds the lock.
    with pytest.raises(LogFenced):
        await log.append(SECOND)
    assert len(await log.entries(0, 10)) == 5


async def test_a_writer_fenced_while_connected_is_told_by_its_transaction(
    log: PostgresLog, roles: Roles
) -> None:
    await log.append(FIRST)
    async with connected(address_of(roles.app_url), call_s=10) as app:
        await app.execute("INSERT INTO record.leases VALUES (2, 'another', now())")
    with pytest.raises(LogFenced, match="another has opened it since, with lease 2 after our 1"):
        await log.append(SECOND)
    assert len(await log.entries(0, 10)) == 3


async def test_a_writer_whose_session_ended_goes_on_if_nobody_came(
    log: PostgresLog, superuser_url: str
) -> None:
    await log.append(FIRST)
    await end_writers(superuser_url)
    assert (await log.append(SECOND)).size == 5


async def test_a_writer_waits_for_whoever_holds_the_lock_without_a_lease(
    log: PostgresLog, roles: Roles, superuser_url: str
) -> None:
    await end_writers(superuser_url)
    async with connected(address_of(roles.app_url), call_s=10) as app:
        await app.execute(f"SELECT pg_advisory_lock({LOCK_SPACE}, {WRITER_LOCK})")
        with pytest.raises(LogUnavailable, match="another process writes to it"):
            await log.append(FIRST)
        await app.execute(f"SELECT pg_advisory_unlock({LOCK_SPACE}, {WRITER_LOCK})")
        assert (await log.append(FIRST)).size == 3
