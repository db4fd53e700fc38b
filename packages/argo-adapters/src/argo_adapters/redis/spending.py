"""What each vendor's day has cost, counted by all processes: the port `SpendingBook`.

It outlives the process, and the server's restart as far as the server itself remembers.
"""

from datetime import date

from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.room import prefix
from argo_adapters.redis.script import Script
from argo_adapters.whole_amounts import from_whole, to_whole
from argo_core.consensus.opinion import SourceName
from argo_core.resilience.budget import MEASURES, Amount

# The longest day anywhere is over by then, whatever the vendor's time zone.
KEPT_S = 4 * 24 * 60 * 60

# HINCRBY counts in 64 bits, so sums stay exact beyond what Lua's numbers could say.
_BOOK = Script("""
for i = 2, #ARGV, 2 do
  if redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) < 0 then
    redis.call('HSET', KEYS[1], ARGV[i], 0)
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return redis.call('HMGET', KEYS[1], ARGV[2], ARGV[4], ARGV[6])
""")


class RedisSpendingBook:
    """Days are kept for four days; dollars are counted in steps of 1e-10."""

    def __init__(self, link: RedisLink, *, namespace: str) -> None:
        self._link = link
        self._prefix = f"{prefix(namespace)}spent:"

    async def add(self, source: SourceName, day: date, amount: Amount) -> Amount:
        return await self._book(source, day, to_whole(amount))

    async def subtract(self, source: SourceName, day: date, amount: Amount) -> Amount:
        usd, tokens, calls = to_whole(amount, taken=True)
        return await self._book(source, day, (-usd, -tokens, -calls))

    async def _book(self, source: SourceName, day: date, numbers: tuple[int, int, int]) -> Amount:
        words = [KEPT_S, *(word for pair in zip(MEASURES, numbers, strict=True) for word in pair)]
        key = f"{self._prefix}{source}:{day.isoformat()}"
        return from_whole([int(total) for total in await self._link.run(_BOOK, [key], words)])
