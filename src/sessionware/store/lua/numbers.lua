-- What sessions add up to: for each stream, kind and protocol, and for all streams together.
-- Who watches is counted in the second until which it does.

local VIEWER, UNSPECIFIED = 1, 4
local NUMBERS = '<ddddddddd'

-- What a session adds to: requests, seconds, quiet, sessions, started, ended, down, up. A tally has
-- these, and behind the first two the last second until which anybody watches.
local function counted(s)
  if s.live == 0 then return {0, 0, 0, 0, 0, 0, 0, 0}, nil end
  local quiet, bucket = 0, nil
  if s.kind == VIEWER and s.superseded == 0 then
    local window = window_of(s)
    if window > 0 then bucket = FLOOR(s.seen) + CEIL(window) else quiet = 1 end
  end
  return {s.requests, s.seconds, quiet, 1, s.announced, 0, s.down, s.up}, bucket
end

-- What is left of it when it is over.
local function left_over(s)
  if s.live == 0 then return {0, 0, 0, 0, 0, 0, 0, 0} end
  local counts = (s.announced == 1 or s.superseded == 0) and 1 or 0
  return {s.requests, s.seconds, 0, 0, counts, counts, s.down, s.up}
end

local function tally_of(s)
  local kind = string.char(48 + s.kind)
  return 'T' .. kind .. PACK('>I4', #s.protocol) .. s.protocol .. s.stream, 'A' .. kind .. s.protocol
end

local function second(bucket, name)
  return string.format('%.0f', bucket) .. name
end

local function shift(name, before, after, from, to, old, from_old, to_old)
  local n = {0, 0, 0, 0, 0, 0, 0, 0, 0}
  if old then n = {UNPACK(NUMBERS, old)} end
  for i = 1, 2 do n[i] = n[i] + after[i] - before[i] end
  if to and to > n[3] then n[3] = to end
  for i = 3, 8 do n[i + 1] = n[i + 1] + after[i] - before[i] end
  local set = {name, PACK(NUMBERS, n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9])}
  if from ~= to then
    if to then
      set[3], set[4] = second(to, name), (tonumber(to_old) or 0) + 1
    end
    if from then
      local rest = (tonumber(from_old) or 0) - 1
      if rest > 0 then
        set[#set + 1], set[#set + 2] = second(from, name), rest
      else
        CALL('HDEL', NUMBERS_OF, second(from, name))
      end
    end
  end
  CALL('HSET', NUMBERS_OF, unpack(set))
end

-- Move the numbers from what the session added before to what it adds now.
local function settle(s, after, to)
  local before, from = s.before, s.bucket
  local same = from == to
  for i = 1, 8 do same = same and before[i] == after[i] end
  if same then return end
  s.before, s.bucket = after, to
  local own, all = tally_of(s)
  local from_own, to_own = second(from or 0, own), second(to or 0, own)
  local from_all, to_all = second(from or 0, all), second(to or 0, all)
  local old = CALL('HMGET', NUMBERS_OF, own, from_own, to_own, all, from_all, to_all)
  shift(own, before, after, from, to, old[1], old[2], old[3])
  shift(all, before, after, from, to, old[4], old[5], old[6])
end
