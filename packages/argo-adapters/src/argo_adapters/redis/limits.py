"""A source's limits, kept by all processes together: the port `SharedLimits`.

The core's generic cell rate algorithm (`argo_core.resilience.bucket`) as a script, on the server's
time: with T = 1/rate and B the burst, a cost of n conforms at `now` iff for every limit

    max(TAT, now) + n T - now <= B T + slack,

and then TAT <- max(TAT, now) + n T for every limit, or for none. A source's key is gone once all
its buckets are full and its pause is over, when a new one would answer the same.
"""

from collections.abc import Sequence
from typing import Any

from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.room import prefix
from argo_adapters.redis.script import SERVER_NOW, Script
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import SLACK_S, Allowance
from argo_core.resilience.door import not_negative

# Times and intervals are microseconds.
_KEEP = """
local function keep(last)
  redis.call('PEXPIRE', KEYS[1], math.max(1, math.ceil((last - now) / 1000)))
end
local function number(field)
  local value = redis.call('HGET', KEYS[1], field)
  return value and tonumber(value) or -math.huge
end
local function note(field, value)
  redis.call('HSET', KEYS[1], field, string.format('%.17g', value))
end
"""

# Arguments: cost, slack, then interval and burst of each limit. Answers: microseconds to wait.
_TAKE = """
local cost, slack, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), number('pause')
local ready, full, last, tats = math.max(now, pause), now, pause, {}
for i = 3, #ARGV, 2 do
  local interval, tolerance = tonumber(ARGV[i]), ARGV[i] * ARGV[i + 1] + slack
  local tat = number('tat' .. i)
  -- Only a clock that was set back leaves less than an empty bucket.
  if tat > now + tolerance then
    tat = now + tolerance
    note('tat' .. i, tat)
  end
  ready = math.max(ready, tat + cost * interval - tolerance)
  full = math.max(full, tat)
  tats[i] = math.max(tat, now) + cost * interval
  last = math.max(last, tats[i])
end
if ready > now then return math.ceil(ready - now) end
for i, tat in pairs(tats) do note('tat' .. i, tat) end
-- A busy time begins when all buckets are full, and ends when they are again.
if full == now then note('since', now) end
note('last', now)
keep(last)
return 0
"""

# Nobody says which call was not made. It is taken for the first of this busy time: the buckets are
# left as full as they could be if all others had come when the last one did, and no fuller. A call
# of an earlier busy time must not be given back any more; that is why it is given back at once.
_REFUND = """
local cost, late, last = tonumber(ARGV[1]), number('last') - number('since'), number('pause')
for i = 3, #ARGV, 2 do
  local tat = number('tat' .. i)
  if late >= 0 and tat > now then
    tat = tat - math.max(0, cost * ARGV[i] - late)
    note('tat' .. i, tat)
  end
  last = math.max(last, tat)
end
if last > now then keep(last) end
"""

# Arguments: the pause.
_PAUSE = """
local pause = math.max(number('pause'), now + ARGV[1])
note('pause', pause)
keep(math.max(pause, now + redis.call('PTTL', KEYS[1]) * 1000))
"""

_MICRO = 1_000_000


class RedisLimits:
    """Limits by source. A call that is not made is given back at once, or not at all.

    `now` is Lua that sets `now` to microseconds on the shared clock.
    """

    def __init__(
        self, link: RedisLink, *, namespace: str, slack_s: float = SLACK_S, now: str = SERVER_NOW
    ) -> None:
        self._link = link
        self._prefix = f"{prefix(namespace)}limits:"
        self._slack_s = not_negative("slack_s", slack_s)
        self._take, self._refund, self._pause = (
            Script(now + _KEEP + body) for body in (_TAKE, _REFUND, _PAUSE)
        )

    async def take(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> float:
        most = min(each.burst for each in allowances)
        if not 1 <= cost <= most:
            problem = f"{cost} is not a cost that could pass"
            raise InvalidInput("cost", problem, f"give 1 to {most:g}")
        wait = await self._run(self._take, source, self._words(allowances, cost))
        return int(wait) / _MICRO

    async def refund(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> None:
        await self._run(self._refund, source, self._words(allowances, cost))

    async def pause(self, source: SourceName, seconds: float) -> None:
        await self._run(self._pause, source, [not_negative("seconds", seconds) * _MICRO])

    def _words(self, allowances: Sequence[Allowance], cost: int) -> list[float]:
        limits = [number for each in allowances for number in (_MICRO / each.rate, each.burst)]
        return [cost, self._slack_s * _MICRO, *limits]

    async def _run(self, script: Script, source: SourceName, words: list[float]) -> Any:
        return await self._link.run(script, [self._prefix + source], words)
