-- Bars, leases, and how sessions ended: what keeps a request out.

local NOBODY, LIVING, OUTSIDE, OVER, BARRED, ASKED, CROWDED, FULL, CHANGED, RENEW =
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9

local function changed(known)
  return known >= 0 and known ~= orders
end

local function bar_over(mark)
  local bar = CALL('HGET', BARS, mark)
  if bar and UNPACK('<d', bar) > now then return {BARRED, bar} end
end

-- The first bar over one of the marks from ARGV[first] on.
local function bar_above(first)
  for i = first, #ARGV do
    local bar = bar_over(ARGV[i])
    if bar then return bar end
  end
end

local function put_bar(mark, till, cause, status, reason, key, stream)
  local old = CALL('HGET', BARS, mark)
  if till <= now or (old and UNPACK('<d', old) >= till) then return end
  CALL('HSET', BARS, mark, PACK('<dBd', till, cause, status) .. joined({reason, key, stream}))
  CALL('ZADD', BARS_UNTIL, till, mark)
  keep({BARS, BARS_UNTIL}, till)
  drop_oldest(BARS, BARS_UNTIL)
end

-- Take the lease of a key; where somebody else has it: until when.
local function lease(key, seconds)
  local till = CALL('ZSCORE', LEASES, key)
  if till and tonumber(till) > now then return {ASKED, till} end
  CALL('ZADD', LEASES, now + seconds, key)
  keep({LEASES}, now + seconds)
end

-- How a session ended that does not live; it is given if nobody has found that out yet.
local function end_of(key, s)
  if s then
    if s.live == 0 or now >= s.expires + s.remember then return NOBODY end
    return {OVER, PACK('<dBddB', 0, 1, s.expires, s.started, s.presentation)}
  end
  local ended = CALL('HGET', ENDED, key)
  if ended and UNPACK('<d', ended) > now then return {OVER, ended} end
  return NOBODY
end

local function answer(kind, s, said)
  return {kind, said or 0, unpack(living(s))}
end
