"""What the server does for a cache, each script as one step.

A room holds, for each key, a body (the entry's bytes, which expire when the entry is of no use) and
a slot (`g`, its generation, and `a`, the `as_of` of the newest entry), which outlives the body.
`clock` names this life of the room and counts its changes, and `changes` says which keys changed
last: who knows everything up to version v asks what changed since, and knows everything again.

An unknown slot has the generation `base`, the time in microseconds at which the room's life began.
So an answer asked for in an earlier life, before the server forgot everything, matches no slot.

Keys are clock, changes, then slot and body of each key that is asked about.
"""

from argo_adapters.redis.script import Script

# A slot is forgotten a day after its last change: no ask is in the air that long.
SLOT_MS = 24 * 60 * 60 * 1_000
ROOM_MS = 7 * SLOT_MS

# Who missed more changes than the first number starts anew; so nobody needs more than the second.
MOST_MISSED = 1_000
MOST_CHANGES = 10_000

_OPEN = """
local known = redis.call('HMGET', KEYS[1], 'id', 'base', 'v')
local id, base, version = known[1], known[2], known[3]
if not id then
  local t = redis.call('TIME')
  id, base, version = ARGV[1], t[1] .. string.format('%06d', t[2]), '0'
  redis.call('HSET', KEYS[1], 'id', id, 'base', base, 'v', version)
end
"""

_CHANGE = f"""
local before, touched = version, false
local function change(slot)
  version = redis.call('HINCRBY', KEYS[1], 'v', 1)
  redis.call('ZADD', KEYS[2], version, slot)
  touched = true
end
local function close()
  if touched then
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -{MOST_CHANGES + 1})
    redis.call('PEXPIRE', KEYS[1], {ROOM_MS})
    redis.call('PEXPIRE', KEYS[2], {ROOM_MS})
  end
end
local function last(slot, ms)
  if redis.call('PTTL', slot) < ms then redis.call('PEXPIRE', slot, ms) end
end
"""

# Arguments: a new id, the id and the version that the asker knows. Answers: id, base, version, the
# slots that changed since (nil: start anew), then generation, body and milliseconds left of each.
LOOK = Script(
    _OPEN
    + f"""
local changed = false
if id == ARGV[2] and tonumber(version) >= tonumber(ARGV[3]) then
  changed = redis.call(
    'ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[3], '+inf', 'LIMIT', 0, {MOST_MISSED + 1})
  if #changed > {MOST_MISSED} then changed = false end
end
local reply = {{id, base, version, changed}}
for i = 3, #KEYS, 2 do
  local left = redis.call('PTTL', KEYS[i])
  local body = redis.call('GET', KEYS[i + 1])
  if body then left = math.min(left, redis.call('PTTL', KEYS[i + 1])) end
  reply[#reply + 1] = redis.call('HGET', KEYS[i], 'g') or base
  reply[#reply + 1] = body
  reply[#reply + 1] = left
end
return reply
"""
)

# Arguments: a new id, then generation, `as_of` in microseconds, milliseconds to live and body of
# each entry. Answers: id, version before and after, then whether each was taken.
PUT = Script(
    _OPEN
    + _CHANGE
    + f"""
local reply = {{id, before, before}}
for i = 3, #KEYS, 2 do
  local n = 2 * i - 4
  local generation, as_of, ms, body = ARGV[n], ARGV[n + 1], tonumber(ARGV[n + 2]), ARGV[n + 3]
  local held = redis.call('HMGET', KEYS[i], 'g', 'a')
  local taken = 0
  if (held[1] or base) == generation and tonumber(held[2] or as_of) <= tonumber(as_of) then
    redis.call('SET', KEYS[i + 1], body, 'PX', ms)
    redis.call('HSET', KEYS[i], 'g', generation, 'a', as_of)
    last(KEYS[i], math.max(ms, {SLOT_MS}))
    change(KEYS[i])
    taken = 1
  end
  reply[#reply + 1] = taken
end
close()
reply[3] = version
return reply
"""
)

# Arguments: a new id, whether a slot of an earlier generation catches up, then the generation to
# leave of each slot. Answers: id, version before and after, then the generation of each.
INVALIDATE = Script(
    _OPEN
    + _CHANGE
    + f"""
local reply = {{id, before, before}}
for i = 3, #KEYS, 2 do
  local left = ARGV[(i + 3) / 2]
  local held = redis.call('HGET', KEYS[i], 'g') or base
  if held == left or (ARGV[2] == '1' and tonumber(held) < tonumber(left)) then
    redis.call('HSET', KEYS[i], 'g', left)
    held = redis.call('HINCRBY', KEYS[i], 'g', 1)
    last(KEYS[i], {SLOT_MS})
    change(KEYS[i])
  end
  reply[#reply + 1] = held
end
close()
reply[3] = version
return reply
"""
)

# Arguments: a new id, then the body of each key that nobody can read. Forgets those still there.
FORGET = Script(
    _OPEN
    + _CHANGE
    + """
for i = 3, #KEYS, 2 do
  if redis.call('GET', KEYS[i + 1]) == ARGV[(i + 1) / 2] then
    redis.call('DEL', KEYS[i + 1])
    redis.call('HDEL', KEYS[i], 'a')
    change(KEYS[i])
  end
end
close()
"""
)
