"""Other people's breakers, limiters and caches, each doing what ours does, on its free path.

A peer that cannot be imported here appears with the reason.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

from benchmarks._race import Line

VALUE = ("an answer",)
PLENTY = 10**9


async def trivial() -> None:
    """What every protected call comes down to."""


async def purgatory() -> Line:
    breaker = await import_module("purgatory").AsyncCircuitBreakerFactory().get_breaker("vendor")

    async def work(times: int) -> None:
        for _ in range(times):
            async with breaker:
                await trivial()

    return work


async def aiobreaker() -> Line:
    breaker = import_module("aiobreaker").CircuitBreaker()

    async def work(times: int) -> None:
        for _ in range(times):
            await breaker.call_async(trivial)

    return work


async def pybreaker() -> Line:
    # Its own asynchronous call needs tornado; its context manager goes round an await as well.
    breaker = import_module("pybreaker").CircuitBreaker()

    async def work(times: int) -> None:
        for _ in range(times):
            with breaker.calling():
                await trivial()

    return work


async def hyx() -> Line:
    breaker = import_module("hyx.circuitbreaker").consecutive_breaker()

    async def work(times: int) -> None:
        for _ in range(times):
            async with breaker:
                await trivial()

    return work


async def aiolimiter() -> Line:
    limiter = import_module("aiolimiter").AsyncLimiter(PLENTY, 1)

    async def work(times: int) -> None:
        for _ in range(times):
            await limiter.acquire()

    return work


async def limits() -> Line:
    storage = import_module("limits.aio.storage").MemoryStorage()
    limiter = import_module("limits.aio.strategies").FixedWindowRateLimiter(storage)
    item = import_module("limits").RateLimitItemPerHour(PLENTY)

    async def work(times: int) -> None:
        for _ in range(times):
            await limiter.hit(item, "vendor")

    return work


async def cachetools() -> Line:
    cache = import_module("cachetools").TTLCache(1_000, 3_600)
    cache["key"] = VALUE

    async def work(times: int) -> None:
        for _ in range(times):
            assert cache.get("key") is VALUE

    return work


async def async_lru() -> Line:
    @import_module("async_lru").alru_cache(maxsize=1_000, ttl=3_600)
    async def answer(_: str) -> object:
        return VALUE

    async def work(times: int) -> None:
        for _ in range(times):
            assert await answer("key") is VALUE

    return work


async def theine() -> Line:
    library = import_module("theine")

    @library.Memoize(1_000, timedelta(hours=1))
    async def answer(_: str) -> object:
        return VALUE

    async def work(times: int) -> None:
        for _ in range(times):
            assert await answer("key") is VALUE

    return work


async def cashews() -> Line:
    cache = import_module("cashews").Cache()
    cache.setup("mem://")
    await cache.set("key", VALUE, expire=3_600)

    async def work(times: int) -> None:
        for _ in range(times):
            assert await cache.get("key") == VALUE

    return work


async def aiocache() -> Line:
    cache = import_module("aiocache").SimpleMemoryCache()
    await cache.set("key", VALUE, ttl=3_600)

    async def work(times: int) -> None:
        for _ in range(times):
            assert await cache.get("key") == VALUE

    return work


# By the name of the distribution, grouped by what of ours it stands beside.
PEERS: dict[str, tuple[str, Callable[[], Awaitable[Line]]]] = {
    "purgatory": ("breaker", purgatory),
    "hyx": ("breaker", hyx),
    "aiobreaker": ("breaker", aiobreaker),
    "pybreaker": ("breaker", pybreaker),
    "aiolimiter": ("limiter", aiolimiter),
    "limits": ("limiter", limits),
    "cachetools": ("cache_hit", cachetools),
    "async-lru": ("cache_hit", async_lru),
    "theine": ("cache_hit", theine),
    "cashews": ("cache_hit", cashews),
    "aiocache": ("cache_hit", aiocache),
}


async def ready() -> tuple[dict[str, Line], dict[str, str]]:
    """The peers that can be run here, and why the others cannot."""
    lines: dict[str, Line] = {}
    reasons: dict[str, str] = {}
    for name, (_, make) in PEERS.items():
        try:
            line: Any = await make()
            await line(1)
        except Exception as problem:  # noqa: BLE001 - whatever ails a peer is its reason
            reasons[name] = f"{type(problem).__name__}: {problem}"[:200]
        else:
            lines[name] = line
    return lines, reasons
