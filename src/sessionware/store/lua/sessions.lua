-- Sessions read, written, announced and ended, with all that hangs on one.

local orders, gaps, renew = unpack(CALL('HMGET', META, 'orders', 'gaps', 'renew'))
orders, gaps = tonumber(orders) or 0, tonumber(gaps) or 0
local loaded = {}

-- Let a table live until two days after a time, at least.
local function keep(tables, till)
  local need = MIN(CEIL((MAX(till - now, 0) + 172800) * 1000), 315360000000)
  for _, name in ipairs(tables) do
    if CALL('PTTL', name) < need then CALL('PEXPIRE', name, need) end
  end
end

if now >= (tonumber(renew) or NEVER) then
  CALL('HSET', META, 'renew', now + 3600)
  keep(KEYS, now)
  keep({META}, now + 34560000)
end

-- Make good the silence of an outage (Postpone), for who lived then.
local function make_good(s)
  for number = s.gaps + 1, gaps do
    local gap = CALL('HGET', GAPS, number)
    if gap then
      local since, by = UNPACK('<dd', gap)
      if s.expires > since then
        s.stays = MAX(s.seen + s.timeout, s.stays) + by
        s.expires = over(s)
      end
    end
  end
  s.gaps = gaps
end

-- Read a session, whether its time is over or not.
local function find(key)
  local s = loaded[key]
  if s ~= nil then return s or nil end
  local raw = CALL('HGET', SESSIONS, key)
  if not raw then return nil end
  s = parse(key, raw)
  s.before, s.bucket = counted(s)
  if s.gaps < gaps then make_good(s) end
  loaded[key] = s
  return s
end

-- What is told of a session: its record, its data, tags and what else it was seen as.
local function living(s)
  local data, tags, also = '', '', ''
  if s.extra % 2 >= 1 then data = CALL('HGET', DATA, s.key) end
  if s.extra % 4 >= 2 then tags = CALL('HGET', TAGS, s.key) end
  if s.extra % 8 >= 4 then also = CALL('HGET', ALSO, s.key) end
  return {s.key, packed(s), data, tags, also}
end

local function set_extra(s, bit, tab, blob)
  local has = s.extra % (2 * bit) >= bit
  if blob ~= '' then
    if CALL('HSET', tab, s.key, blob) == 1 then keep({tab}, s.expires + s.remember) end
    if not has then s.extra = s.extra + bit end
  elseif has then
    CALL('HDEL', tab, s.key)
    s.extra = s.extra - bit
  end
end

-- What takes something away is done even by a server whose memory is full, and then it does the rest
-- of the script, too: who is there goes on. So this comes before whatever is written of them.
local function even_if_full()
  CALL('HDEL', SESSIONS, '')
end

-- --- what is to be told ------------------------------------------------------------------------

local function tell(s, started, cause, at)
  if s.events == 0 then return end
  even_if_full()
  if CALL('RPUSH', TOLD, PACK('<BBd', started, cause, at) .. joined(living(s))) > room then
    CALL('LTRIM', TOLD, -room, -1)
  end
  keep({TOLD}, now)
end

local function waits(s)
  return s.live == 1 and s.announced == 0 and s.superseded == 0
end

-- Announce a session if it is time, and nobody has.
local function keep_time(s)
  if waits(s) and now >= s.announce_at then
    s.announced, s.unsaved = 1, true
    tell(s, 1, 0, s.announce_at)
  end
end

-- After a command: it announces who asked again, or whose time has come.
local function announce(s)
  if waits(s) and (s.requests >= 2 or now >= s.announce_at) then
    s.announced = 1
    return 1
  end
  return 0
end

-- --- places ------------------------------------------------------------------------------------

local function places_of(s)
  if s.limited == 0 then return {} end
  local at, blob = 1, nil
  for _ = 1, 7 do at = at + 4 + UNPACK('<I4', s.rest, at) end
  blob = UNPACK('<I4c0', s.rest, at)
  local places = {}
  at = 1
  while at <= #blob do
    local p = {}
    p.scope, p.limit, p.hold, p.evict, p.name, at = UNPACK('<c16ddBI4c0', blob, at)
    places[#places + 1] = p
  end
  return places
end

-- How long each scope is held at most.
local function holds_of(s)
  local holds = {}
  for _, p in ipairs(places_of(s)) do holds[p.scope] = MAX(holds[p.scope] or 0, p.hold) end
  return holds
end

local function seat(s, scope, hold)
  return scope .. PACK('>d', MAX(MIN(s.gate_held + hold, s.gate_expires), 0)) .. s.key
end

local function unseat(s)
  if s.gate_held ~= NEVER then
    for scope, hold in pairs(holds_of(s)) do CALL('ZREM', PLACES, seat(s, scope, hold)) end
    s.gate_held = NEVER
  end
end

-- Let the scopes know until when it has its places at least: later they must look it up.
local function reseat(s)
  unseat(s)
  s.gate_held = s.superseded == 1 and NEVER or s.held
  s.gate_expires, s.lapsed = s.expires, 0
  if s.gate_held ~= NEVER then
    for scope, hold in pairs(holds_of(s)) do CALL('ZADD', PLACES, 0, seat(s, scope, hold)) end
    keep({PLACES}, s.expires)
  end
end

-- --- writing -----------------------------------------------------------------------------------

local function next_due(s)
  if waits(s) then return MIN(s.announce_at, s.expires) end
  return s.expires
end

local function save(s)
  even_if_full()
  settle(s, counted(s))
  local due = next_due(s)
  if due < s.due or s.due <= now then
    CALL('ZADD', DUE, due, s.key)
    s.due = due
  end
  if s.limited == 1 and not spread then
    local held = s.superseded == 1 and NEVER or s.held
    if held < s.gate_held or s.expires < s.gate_expires or s.lapsed == 1
        or (s.gate_held == NEVER and held ~= NEVER) then
      reseat(s)
    end
  end
  CALL('HSET', SESSIONS, s.key, packed(s))
  if s.expires + s.remember > now + 86400 then
    keep({SESSIONS, NUMBERS_OF, STREAMS, DUE, ORDER, HOLDERS, META}, s.expires + s.remember)
  end
  s.unsaved = nil
end

local function drop_oldest(tab, times)
  local excess = CALL('ZCARD', times) - room
  if excess > 0 then
    for _, name in ipairs(CALL('ZRANGE', times, 0, excess - 1)) do
      CALL('ZREM', times, name)
      CALL('HDEL', tab, name)
    end
  end
end

-- Take a session out of every table; what it leaves in the numbers is "rest".
local function take_out(s, rest, at)
  even_if_full()
  settle(s, rest, nil)
  unseat(s)
  CALL('HDEL', SESSIONS, s.key)
  CALL('ZREM', DUE, s.key)
  CALL('ZREM', ORDER, s.key)
  if s.held_by == 1 then CALL('ZREM', HOLDERS, s.holder .. s.key) end
  if s.extra % 2 >= 1 then CALL('HDEL', DATA, s.key) end
  if s.extra % 4 >= 2 then CALL('HDEL', TAGS, s.key) end
  if s.extra % 8 >= 4 then CALL('HDEL', ALSO, s.key) end
  loaded[s.key] = false
  local index = cmsgpack.unpack(CALL('HGET', NUMBERS_OF, 'i' .. s.stream))
  index[1] = index[1] - 1
  CALL('HSET', NUMBERS_OF, 'i' .. s.stream, cmsgpack.pack(index))
  if index[1] == 0 then CALL('ZADD', STREAMS, at + 3600, s.stream) end
end

-- End a session: who is over has ended then, others now.
local function bury(s, cause, forget)
  even_if_full()
  local at = MIN(s.expires, now)
  if s.live == 1 then
    if s.announced == 1 or s.superseded == 0 then tell(s, 1 - s.announced, cause, at) end
    if not forget and now < at + s.remember then
      CALL('HSET', ENDED, s.key, PACK('<dBddB', at + s.remember, cause, at, s.started, s.presentation))
      CALL('ZADD', ENDED_UNTIL, at + s.remember, s.key)
      keep({ENDED, ENDED_UNTIL}, at + s.remember)
      drop_oldest(ENDED, ENDED_UNTIL)
    end
  end
  take_out(s, left_over(s), at)
end

-- Give a session that lives, announced if it is time.
local function alive(key)
  local s = find(key)
  if not s or s.expires <= now then return nil end
  keep_time(s)
  return s
end
