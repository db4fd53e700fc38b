"""The publisher's lease in PostgreSQL keeps the promises of its port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from secrets import token_hex

import pytest

from argo_adapters.postgres.lease import PostgresLease
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_core.errors import SharedAway
from argo_core.resilience.lease import Granted, Held
from argo_core.testing.lease_contract import Leases, Passing, PublisherLeaseContract

CALL_S = 20.0


@pytest.fixture
def log_name() -> str:
    """Another one for each test, whose lease nobody had yet."""
    return f"log-{token_hex(6)}"


@pytest.fixture
async def leases(roles: Roles, log_name: str) -> AsyncIterator[Leases]:
    async with (
        PostgresLease.open(
            roles.app_url, log_name, owner_url=roles.owner_url, call_s=CALL_S
        ) as one,
        PostgresLease.open(roles.app_url, log_name, call_s=CALL_S) as other,
    ):
        yield one, other


@pytest.fixture
def passing(superuser_url: str, log_name: str) -> Passing:
    async def passed(seconds: float) -> None:
        async with connected(address_of(superuser_url), call_s=CALL_S) as superuser:
            earlier = "UPDATE publisher.lease SET ends = ends - $2::float8 * interval '1 s'"
            await superuser.execute(f"{earlier} WHERE log = $1", log_name, seconds)

    return passed


class TestPostgresLease(PublisherLeaseContract):
    pass


async def test_a_session_that_was_ended_is_made_anew(leases: Leases, superuser_url: str) -> None:
    first = await leases[0].acquire("one", 60)
    assert isinstance(first, Granted)
    async with connected(address_of(superuser_url), call_s=CALL_S) as superuser:
        await superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'argo_app' AND pid <> pg_backend_pid()"
        )
    # What the ended session was asked last is lost, or nothing is.
    for _ in range(2):
        try:
            assert await leases[0].renew(first.token, 60)
        except SharedAway:
            continue
        break
    else:
        pytest.fail("it was not made anew")


async def test_a_table_that_is_locked_is_not_waited_for(
    roles: Roles, leases: Leases, log_name: str, superuser_url: str
) -> None:
    await leases[0].acquire("one", 60)
    async with (
        PostgresLease.open(roles.app_url, log_name, call_s=0.3) as hasty,
        connected(address_of(superuser_url), call_s=CALL_S) as superuser,
        superuser.transaction(),
    ):
        await superuser.execute("LOCK TABLE publisher.lease")
        with pytest.raises(SharedAway, match=r"no answer in time|statement timeout"):
            await hasty.renew(1, 60)


async def test_the_log_is_as_it_was_made_with_the_lease_beside_it(
    roles: Roles, leases: Leases, signer: object
) -> None:
    await leases[0].acquire("one", 60)
    async with PostgresLog.open(roles.app_url, signer, call_s=20) as log:  # type: ignore[arg-type]  # a Signer
        assert (await log.head()).size == 0


async def test_without_its_table_it_says_what_to_do(bare: Roles, superuser_url: str) -> None:
    async with connected(address_of(superuser_url), call_s=CALL_S) as superuser:
        await superuser.execute("DROP SCHEMA IF EXISTS publisher CASCADE")
    async with PostgresLease.open(bare.app_url, "log", call_s=CALL_S) as lease:
        with pytest.raises(SharedAway, match="the owner's URL"):
            await asyncio.wait_for(lease.look(), CALL_S)


async def test_whoever_died_has_no_lease_however_long_it_was_to_last(
    leases: Leases, superuser_url: str, log_name: str
) -> None:
    one, other = leases
    first = await one.acquire("one", 60)
    assert isinstance(first, Granted)
    assert await other.look() is not None
    # To the server a process that was killed is a session that ended.
    async with connected(address_of(superuser_url), call_s=CALL_S) as superuser:
        await superuser.execute(
            "SELECT pg_terminate_backend(session, 5000) FROM publisher.lease WHERE log = $1",
            log_name,
        )
    assert await other.look() is None
    second = await other.acquire("other", 60)
    assert isinstance(second, Granted)
    assert second.token > first.token


async def test_whoever_was_cut_off_and_came_back_first_keeps_its_lease(
    leases: Leases, superuser_url: str, log_name: str
) -> None:
    one, other = leases
    first = await one.acquire("one", 60)
    assert isinstance(first, Granted)
    async with connected(address_of(superuser_url), call_s=CALL_S) as superuser:
        await superuser.execute(
            "SELECT pg_terminate_backend(session, 5000) FROM publisher.lease WHERE log = $1",
            log_name,
        )
    with suppress(SharedAway):
        await one.look()
    assert await one.renew(first.token, 60)
    assert isinstance(await other.acquire("other", 60), Held)


async def test_a_table_of_before_sessions_were_kept_is_taken_on_with_its_holder(
    bare: Roles, superuser_url: str, log_name: str
) -> None:
    async with connected(address_of(superuser_url), call_s=CALL_S) as superuser:
        await superuser.execute("DROP SCHEMA IF EXISTS publisher CASCADE")
    async with connected(address_of(bare.owner_url), call_s=CALL_S) as owner:
        await owner.execute(
            "CREATE SCHEMA publisher;"
            ' CREATE TABLE publisher.lease (log text COLLATE "C" PRIMARY KEY,'
            " token bigint NOT NULL, holder text NOT NULL, ends timestamptz NOT NULL)"
        )
        row = "INSERT INTO publisher.lease VALUES ($1, 7, 'as before', clock_timestamp() + $2)"
        await owner.execute(row, log_name, timedelta(seconds=60))
    async with PostgresLease.open(
        bare.app_url, log_name, owner_url=bare.owner_url, call_s=CALL_S
    ) as lease:
        held = await lease.acquire("one", 60)
        assert isinstance(held, Held)
        assert held.holder == "as before"
        assert await lease.look() is not None
        await lease.release(7)
        assert await lease.acquire("one", 60) == Granted(8)


async def test_a_colour_is_started_while_a_dump_reads_the_lease(
    leases: Leases, roles: Roles, superuser_url: str, log_name: str
) -> None:
    first = await leases[0].acquire("one", 60)
    assert isinstance(first, Granted)
    async with (
        connected(address_of(superuser_url), call_s=CALL_S) as superuser,
        superuser.transaction(),
    ):
        await superuser.execute("LOCK TABLE publisher.lease IN ACCESS SHARE MODE")
        async with PostgresLease.open(
            roles.app_url, log_name, owner_url=roles.owner_url, call_s=CALL_S
        ) as started:
            assert isinstance(await started.acquire("other", 60), Held)
        assert await leases[0].renew(first.token, 60)
