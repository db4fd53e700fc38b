"""The publisher's lease on a server keeps the promises of its port."""

from collections.abc import Callable

import pytest

from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.lease import RedisLease
from argo_adapters.redis.link import RedisLink
from argo_core.resilience.lease import Granted, Held
from argo_core.testing.lease_contract import LONG_S, Leases, Passing, PublisherLeaseContract

MICRO = 1_000_000


@pytest.fixture
def now(namespace: str) -> str:
    return f"local now = tonumber(redis.call('GET', 'argo:{{{namespace}}}:now') or 1e15)\n"


@pytest.fixture
def passing(link: RedisLink, namespace: str) -> Passing:
    key = f"argo:{{{namespace}}}:now"

    async def passed(seconds: float) -> None:
        await link.command("SET", key, 10**15, "NX")
        await link.command("INCRBY", key, round(seconds * MICRO))

    return passed


@pytest.fixture
def leases(
    server: PrivateServer,
    link: RedisLink,
    connect: Callable[..., RedisLink],
    namespace: str,
    now: str,
) -> Leases:
    other = connect(server.url, timeout_s=5.0)
    return (
        RedisLease(link, namespace=namespace, now=now),
        RedisLease(other, namespace=namespace, now=now),
    )


class TestRedisLease(PublisherLeaseContract):
    pass


async def test_on_the_servers_clock_it_lasts_as_well(link: RedisLink, namespace: str) -> None:
    lease = RedisLease(link, namespace=namespace)
    assert isinstance(await lease.acquire("one", LONG_S), Granted)
    held = await lease.look()
    assert held is not None
    assert LONG_S - 20 < held.ends_in_s <= LONG_S


async def test_a_clock_that_was_set_back_makes_no_lease_last_for_ever(
    leases: Leases, passing: Passing
) -> None:
    await leases[0].acquire("one", LONG_S)
    await passing(-86_400)
    held = await leases[1].acquire("other", LONG_S)
    assert isinstance(held, Held)
    assert held.ends_in_s == LONG_S


async def test_a_server_that_forgot_grants_no_token_twice(
    link: RedisLink, leases: Leases, namespace: str
) -> None:
    first = await leases[0].acquire("one", LONG_S)
    assert isinstance(first, Granted)
    await link.command("DEL", f"argo:{{{namespace}}}:publisher")
    second = await leases[1].acquire("other", LONG_S, above=first.token)
    assert isinstance(second, Granted)
    assert second.token > first.token
