"""A source's breaker, common to all processes: the port `SharedBreaker`.

The core's machine (`argo_core.resilience.breaker`) between CLOSED, OPEN and HALF_OPEN as two
scripts, on the server's time: the same window of the last calls, the same rules. An era begins with
each change of state, and what was begun in another one counts for nothing.
"""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.room import prefix
from argo_adapters.redis.script import SERVER_NOW, Script
from argo_core.consensus.opinion import SourceName
from argo_core.ports import SharedPermit
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import State
from argo_core.resilience.door import not_negative
from argo_core.resilience.permit import Outcome, Rejected

# The state is a hash and the window a list, newest first, of "time failed slow". Both are forgotten
# a day after the last change: no call lasts that long, and no breaker stays open that long.
_COMMON = """
now = now / 1000000
local STATE, WINDOW, DAY = KEYS[1], KEYS[2], 86400000
local function get(field, default)
  local value = redis.call('HGET', STATE, field)
  return value and tonumber(value) or default
end
local function set(field, value)
  if type(value) == 'number' then value = string.format('%.17g', value) end
  redis.call('HSET', STATE, field, value)
end
-- A clock that steps back stands still.
now = math.max(now, get('at', now))
local state, era = redis.call('HGET', STATE, 'state') or 'CLOSED', get('era', 0)
local function touch()
  set('at', now)
  redis.call('PEXPIRE', STATE, DAY)
  redis.call('PEXPIRE', WINDOW, DAY)
end
local function go(after)
  state, era = after, era + 1
  redis.call('DEL', WINDOW)
  redis.call('HDEL', STATE, 'until', 'probe', 'probe_since', 'successes', 'in_a_row', 'clean')
  set('state', state)
  set('era', era)
  set('clean_since', now)
end
local function open(retry_after, u, open_s, open_max_s, jitter)
  local doublings = get('doublings', 0)
  local pause = math.min(open_max_s, open_s * 2 ^ doublings)
  if pause < open_max_s then set('doublings', doublings + 1) end
  pause = math.max(retry_after, pause)
  go('OPEN')
  set('until', now + pause + u * jitter * pause)
end
local function is_lost(lost_s)
  local since = get('probe_since', nil)
  return since ~= nil and now - since > lost_s
end
"""

# Arguments: token, u, open_s, open_max_s, jitter, probe_lost_s. Answers: 1, era and the token if
# this is a probe; or 0, state and seconds until it is worth asking again.
_ACQUIRE = """
if state == 'CLOSED' then return {1, era, false} end
local lost_s = tonumber(ARGV[6])
if state == 'HALF_OPEN' and is_lost(lost_s) then
  open(0, ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
elseif state == 'OPEN' and now >= get('until', now) then
  go('HALF_OPEN')
end
local answer
if state == 'HALF_OPEN' and not get('probe_since', nil) then
  set('probe', ARGV[1])
  set('probe_since', now)
  answer = {1, era, ARGV[1]}
else
  local till = state == 'OPEN' and get('until', now) or get('probe_since', now) + lost_s
  answer = {0, state, string.format('%.17g', math.max(0, till - now))}
end
touch()
return answer
"""

# Arguments as above, with the permit's token (or none) first, then: era, outcome, slow, seconds of
# Retry-After, probe_successes, window_calls, window_s, min_calls, failure_share, slow_share,
# in_a_row.
_SETTLE = """
local token, outcome, slow = ARGV[1], ARGV[8], ARGV[9] == '1'
local retry_after, successes = tonumber(ARGV[10]), tonumber(ARGV[11])
local most, span, least = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
if tonumber(ARGV[7]) ~= era then return end
local function trip() open(retry_after, ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]) end
if state == 'HALF_OPEN' then
  if redis.call('HGET', STATE, 'probe') ~= token then return end
  if is_lost(tonumber(ARGV[6])) or outcome == 'failure' then
    trip()
  else
    redis.call('HDEL', STATE, 'probe', 'probe_since')
    if outcome == 'success' then
      set('successes', get('successes', 0) + 1)
      if get('successes', 0) >= successes then go('CLOSED') end
    end
  end
  touch()
  return
end
if state ~= 'CLOSED' or (outcome == 'ignored' and not slow) then return end
local failed = outcome == 'failure'
if outcome ~= 'ignored' then set('in_a_row', failed and get('in_a_row', 0) + 1 or 0) end
if failed or slow then
  set('clean', 0)
  set('clean_since', now)
elseif get('doublings', 0) > 0 then
  set('clean', get('clean', 0) + 1)
  if get('clean', 0) >= most or now - get('clean_since', now) >= span then set('doublings', 0) end
end
redis.call('LPUSH', WINDOW,
  string.format('%.17g', now) .. ' ' .. (failed and 1 or 0) .. ' ' .. (slow and 1 or 0))
redis.call('LTRIM', WINDOW, 0, most - 1)
local calls, failures, slows = 0, 0, 0
for _, call in ipairs(redis.call('LRANGE', WINDOW, 0, -1)) do
  local at, had_failed, was_slow = string.match(call, '(%S+) (%d) (%d)')
  if now - at > span then
    redis.call('LTRIM', WINDOW, 0, calls - 1)
    break
  end
  calls, failures, slows = calls + 1, failures + had_failed, slows + was_slow
end
local tripped = calls >= least and failures + slows > 0
  and (failures / calls >= tonumber(ARGV[15]) or slows / calls >= tonumber(ARGV[16]))
if tripped or get('in_a_row', 0) >= tonumber(ARGV[17]) then trip() end
touch()
"""


class RedisBreaker:
    """Breakers by source; `chance` draws from [0, 1), and `now` is as in `RedisLimits`."""

    def __init__(
        self,
        link: RedisLink,
        *,
        namespace: str,
        chance: Callable[[], float],
        now: str = SERVER_NOW,
    ) -> None:
        self._link = link
        self._prefix = f"{prefix(namespace)}breaker:"
        self._chance = chance
        self._acquire, self._settle = (Script(now + _COMMON + body) for body in (_ACQUIRE, _SETTLE))

    async def acquire(self, source: SourceName, policy: BreakerPolicy) -> SharedPermit | Rejected:
        words = self._words(token_hex(8), policy)
        admitted, first, second = await self._run(self._acquire, source, words)
        if admitted:
            return SharedPermit(first, second.decode() if second else None)
        return Rejected(State(first.decode()), float(second))

    async def settle(
        self,
        source: SourceName,
        policy: BreakerPolicy,
        permit: SharedPermit,
        outcome: Outcome,
        *,
        slow: bool,
        retry_after_s: float = 0.0,
    ) -> None:
        words = [
            *self._words(permit.probe or "", policy),
            permit.generation,
            outcome.value,
            int(slow),
            not_negative("retry_after_s", retry_after_s),
            policy.probe_successes,
            policy.window_calls,
            policy.window_s,
            policy.min_calls,
            policy.failure_share,
            policy.slow_share,
            policy.in_a_row,
        ]
        await self._run(self._settle, source, words)

    def _words(self, token: str, policy: BreakerPolicy) -> list[str | int | float]:
        opens = (policy.open_s, policy.open_max_s, policy.jitter_share, policy.probe_lost_s)
        return [token, self._chance(), *opens]

    async def _run(self, script: Script, source: SourceName, words: list[str | int | float]) -> Any:
        keys = [f"{self._prefix}{source}", f"{self._prefix}{source}:window"]
        return await self._link.run(script, keys, words)
