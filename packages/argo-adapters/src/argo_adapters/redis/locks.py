"""One ask for the same thing at a time among all processes: the port `FlightLocks`."""

from secrets import token_hex

from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.room import prefix
from argo_adapters.redis.script import Script
from argo_core.resilience.door import positive

_RELEASE = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
""")


class RedisLocks:
    """Locks that end by themselves; a token is never given twice."""

    def __init__(self, link: RedisLink, *, namespace: str) -> None:
        self._link = link
        self._prefix = f"{prefix(namespace)}flight:"

    async def take(self, key: str, ttl_s: float) -> str | None:
        token = token_hex(16)
        ttl_ms = max(1, round(positive("ttl_s", ttl_s) * 1_000))
        taken = await self._link.command("SET", self._prefix + key, token, "NX", "PX", ttl_ms)
        return token if taken else None

    async def release(self, key: str, token: str) -> None:
        await self._link.run(_RELEASE, [self._prefix + key], [token])
