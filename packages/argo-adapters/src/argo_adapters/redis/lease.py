"""The publisher's lease on Redis or Valkey: the port `PublisherLease`, on the server's clock.

One hash has the newest token, its holder and when it ends. It stays when the lease is over, so that
tokens grow; a server that forgets it begins above what the log knows.
"""

from typing import Any

from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.room import prefix
from argo_adapters.redis.script import SERVER_NOW, Script
from argo_core.errors import SharedAway
from argo_core.resilience.door import positive
from argo_core.resilience.lease import Granted, Held

_MICRO = 1_000_000

_READ = """
local row = redis.call('HMGET', KEYS[1], 'token', 'holder', 'ends')
local token, ends = tonumber(row[1] or 0), tonumber(row[3] or 0)
-- A clock that was set back must not make a lease last longer than the longest that was given.
local left = math.min(ends - now, tonumber(row[3] and redis.call('HGET', KEYS[1], 'ttl') or 0))
"""
# Arguments: holder, microseconds, what the token has to be above.
_ACQUIRE = """
if left > 0 then return {0, row[2], left} end
token = math.max(token, tonumber(ARGV[3])) + 1
redis.call('HSET', KEYS[1], 'token', string.format('%.0f', token), 'holder', ARGV[1],
  'ends', string.format('%.0f', now + ARGV[2]), 'ttl', ARGV[2])
return {token, '', 0}
"""
# Arguments: token, microseconds.
_RENEW = """
if token ~= tonumber(ARGV[1]) or left <= 0 then return 0 end
redis.call('HSET', KEYS[1], 'ends', string.format('%.0f', now + ARGV[2]), 'ttl', ARGV[2])
return 1
"""
_RELEASE = """
if token == tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'ends', 0) end
"""
_LOOK = """
return {row[2] or '', math.max(0, left)}
"""


class RedisLease:
    """`now` is Lua that sets `now` to microseconds on the shared clock."""

    def __init__(self, link: RedisLink, *, namespace: str, now: str = SERVER_NOW) -> None:
        self._link = link
        self._keys = [f"{prefix(namespace)}publisher"]
        self._acquire, self._renew, self._release, self._look = (
            Script(now + _READ + body) for body in (_ACQUIRE, _RENEW, _RELEASE, _LOOK)
        )

    async def acquire(self, holder: str, ttl_s: float, above: int = 0) -> Granted | Held:
        words: list[str | int] = [holder, _micros(ttl_s), above]
        token, other, left = _list(await self._link.run(self._acquire, self._keys, words), 3)
        return Granted(int(token)) if token else Held(_text(other), int(left) / _MICRO)

    async def renew(self, token: int, ttl_s: float) -> bool:
        return bool(await self._link.run(self._renew, self._keys, [token, _micros(ttl_s)]))

    async def release(self, token: int) -> None:
        await self._link.run(self._release, self._keys, [token])

    async def look(self) -> Held | None:
        holder, left = _list(await self._link.run(self._look, self._keys, []), 2)
        return Held(_text(holder), int(left) / _MICRO) if left else None


def _micros(ttl_s: float) -> int:
    return max(1, round(positive("ttl_s", ttl_s) * _MICRO))


def _list(answer: Any, length: int) -> list[Any]:
    if not isinstance(answer, list) or len(answer) != length:
        raise SharedAway("the server gave no answer of ours")
    return answer


def _text(answer: Any) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
