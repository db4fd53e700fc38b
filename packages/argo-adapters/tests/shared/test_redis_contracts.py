"""Redis keeps the promises of the ports; time is what a key on the server says it is."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.breaker import RedisBreaker
from argo_adapters.redis.cache import RedisCache
from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.limits import RedisLimits
from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.locks import RedisLocks
from argo_adapters.redis.spending import RedisSpendingBook
from argo_core.codec.stored import StoredCodec
from argo_core.consensus.opinion import GROK
from argo_core.errors import InvalidInput
from argo_core.resilience.budget import Amount
from argo_core.testing.breaker_contract import SharedBreakerContract
from argo_core.testing.cache_contract import CacheContract
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.limits_contract import SharedLimitsContract
from argo_core.testing.locks_contract import FlightLocksContract, Passing
from argo_core.testing.spending_contract import SpendingBookContract

NUMBERS = StoredCodec("number", int)
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


class TestRedisCache(CacheContract):
    @pytest.fixture
    def cache(self, link: RedisLink, namespace: str) -> RedisCache[int]:
        return RedisCache(link, NUMBERS, clock=FakeClock(), namespace=namespace)

    @pytest.fixture
    def other(
        self, server: PrivateServer, connect: Callable[..., RedisLink], namespace: str
    ) -> RedisCache[int]:
        link = connect(server.url, timeout_s=5.0)
        return RedisCache(link, NUMBERS, clock=FakeClock(), namespace=namespace)


class TestRedisCacheWithLittleNear(TestRedisCache):
    @pytest.fixture
    def cache(self, link: RedisLink, namespace: str) -> RedisCache[int]:
        return RedisCache(link, NUMBERS, clock=FakeClock(), namespace=namespace, most=1)


class TestRedisLocks(FlightLocksContract):
    @pytest.fixture
    def locks(self, link: RedisLink, namespace: str) -> RedisLocks:
        return RedisLocks(link, namespace=namespace)

    @pytest.fixture
    def passing(self) -> Passing:
        # Keys end on the server's own time, which nobody can set.
        return SystemClock().sleep


class TestRedisLimits(SharedLimitsContract):
    @pytest.fixture
    def limits(self, link: RedisLink, namespace: str, now: str) -> RedisLimits:
        return RedisLimits(link, namespace=namespace, now=now)


class TestRedisBreaker(SharedBreakerContract):
    @pytest.fixture
    def breaker(self, link: RedisLink, namespace: str, now: str) -> RedisBreaker:
        return RedisBreaker(link, namespace=namespace, chance=lambda: 0.0, now=now)


class TestRedisSpendingBook(SpendingBookContract):
    @pytest.fixture
    def book(self, link: RedisLink, namespace: str) -> RedisSpendingBook:
        return RedisSpendingBook(link, namespace=namespace)

    async def test_sums_are_exact_where_floats_are_not(self, book: RedisSpendingBook) -> None:
        day, much = date(2024, 11, 25), Amount(Decimal("90071992.5474099301"), 10**17, 1)
        await book.add(GROK, day, much)
        assert (await book.add(GROK, day, much)).usd == 2 * much.usd

    async def test_a_day_is_forgotten_after_it_is_over(
        self, book: RedisSpendingBook, link: RedisLink, namespace: str
    ) -> None:
        await book.add(GROK, date(2024, 11, 25), Amount(calls=1))
        left_s = await link.command("TTL", f"argo:{{{namespace}}}:spent:grok:2024-11-25")
        assert 3 * 86_400 < left_s <= 4 * 86_400


@pytest.mark.parametrize("namespace", ["", "A", "a b", "a}b", "x" * 65])
async def test_a_namespace_is_a_short_plain_name(link: RedisLink, namespace: str) -> None:
    with pytest.raises(InvalidInput, match="namespace"):
        RedisLocks(link, namespace=namespace)
