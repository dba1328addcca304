-- parts: record numbers sessions bars asked judge merging due superseding
-- "granted": 1: the gates have given places; 2: answer only who needs none.
-- args: numbers, key, record, data, client, ms when it begins, marks above ...
local key, new = ARGV[2], parse(ARGV[2], ARGV[3])
local _, _, known, granted = UNPACK('<dddB', ARGV[1])
local client = ARGV[5]

-- Who does not begin, for whatever reason, gives the lease back.
local function kept_out()
  if changed(known) then return CHANGED end
  local bar = bar_over(new.mark)
  if bar then return bar end
  local s = alive(key)
  if not s then return bar_above(7) end
  if outside(s) then
    if s.unsaved then save(s) end
    return answer(OUTSIDE, s)
  end
  return answer(LIVING, s, touched(s, new.live, 0, 0 / 0))
end

local reply = kept_out()
if reply then
  CALL('ZREM', LEASES, key)
  return reply
end

-- What is written first is something that a server refuses whose memory is full: then nothing has
-- happened. What is written next is never refused.
CALL('HSETNX', META, 'orders', 0)
CALL('ZREM', LEASES, key)
local s
s = find(key)
if s then bury(s, EXPIRED) end
while CALL('HLEN', SESSIONS) >= room do
  if CALL('ZCOUNT', DUE, '-inf', now) == 0 then return FULL end
  sweep(100)
end
if client ~= '' then
  local last = CALL('HGET', CLIENTS, client)
  if last then
    local at, other, holder = UNPACK('<dI4c0I4c0', last)
    local own = new.held_by == 1 and new.holder or ''
    if now - at < 10 and holder ~= own then
      supersede(other)
    end
  end
end
local places = places_of(new)
local crowded, displaced, evicted, own_swap = nil, {}, {}, nil
if granted == 0 then crowded, displaced, evicted, own_swap = judged(new, places) end
if granted == 2 then crowded = '' end
if crowded then return {CROWDED, crowded} end

CALL('HDEL', ENDED, key)
CALL('ZREM', ENDED_UNTIL, key)
local idle = CALL('ZSCORE', STREAMS, new.stream)
if idle and tonumber(idle) <= now then forget_stream(new.stream) end
new.gaps, new.before, new.bucket = gaps, {0, 0, 0, 0, 0, 0, 0, 0}, nil
loaded[key] = new
give_way(new, displaced, evicted, own_swap)
set_extra(new, 1, DATA, ARGV[4])
save(new)
CALL('ZADD', ORDER, ARGV[6], key)
if new.held_by == 1 then CALL('ZADD', HOLDERS, 0, new.holder .. key) end

-- The tallies of a stream, and of all: how many sessions are there, and which kinds and protocols.
local tally = string.char(48 + new.kind) .. PACK('>I4', #new.protocol) .. new.protocol
for _, name in ipairs({'i' .. new.stream, 'I'}) do
  local index = CALL('HGET', NUMBERS_OF, name)
  index = index and cmsgpack.unpack(index) or {0, {}}
  local is_there = false
  for _, one in ipairs(index[2]) do is_there = is_there or one == tally end
  if not is_there then table.insert(index[2], tally) end
  index[1] = index[1] + 1
  if name ~= 'I' or not is_there then CALL('HSET', NUMBERS_OF, name, cmsgpack.pack(index)) end
end
CALL('ZADD', STREAMS, '+inf', new.stream)
keep({SESSIONS, NUMBERS_OF, STREAMS, DUE, ORDER, HOLDERS}, new.expires + new.remember)
if client ~= '' then
  local own = new.held_by == 1 and new.holder or ''
  CALL('HSET', CLIENTS, client, PACK('<d', now) .. joined({key, own}))
  CALL('ZADD', CLIENTS_UNTIL, now + 10, client)
  keep({CLIENTS, CLIENTS_UNTIL}, now)
end
return answer(LIVING, new, 4 + 2 * new.announced)
