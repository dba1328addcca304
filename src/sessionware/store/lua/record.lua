-- A session as it is kept: one string in the table of sessions, the same in redis_records.py.
-- What every request changes stands together, and what it asks of a session comes next: touch_fast
-- reads and writes no more.

local FIELDS = '<BBBBBBBBBBBBBBddddddddddddddddddddddddc16c16c16'
local MIN, MAX, FLOOR, CEIL = math.min, math.max, math.floor, math.ceil
local PACK, UNPACK, CALL = struct.pack, struct.unpack, redis.call
local NEVER = -math.huge

local function parse(key, raw)
  local s, at = {key = key}, nil
  s.format, s.kind, s.live, s.announced, s.superseded, s.invalid, s.segments, s.returns, s.events,
    s.limited, s.lapsed, s.extra, s.presentation, s.held_by,
    s.seen, s.expires, s.requests, s.seconds, s.cookie_set, s.held,
    s.timeout, s.stays, s.deadline, s.window, s.remember, s.hold, s.gaps, s.due,
    s.started, s.announce_at, s.down, s.up, s.duration, s.live_seen,
    s.gate_held, s.gate_expires, s.swaps, s.since,
    s.mark, s.holder, s.partner, at = UNPACK(FIELDS, raw)
  s.rest = string.sub(raw, at)
  s.stream, s.protocol = UNPACK('<I4c0I4c0', raw, at)
  return s
end

local function packed(s)
  return PACK(FIELDS,
    s.format, s.kind, s.live, s.announced, s.superseded, s.invalid, s.segments, s.returns, s.events,
    s.limited, s.lapsed, s.extra, s.presentation, s.held_by,
    s.seen, s.expires, s.requests, s.seconds, s.cookie_set, s.held,
    s.timeout, s.stays, s.deadline, s.window, s.remember, s.hold, s.gaps, s.due,
    s.started, s.announce_at, s.down, s.up, s.duration, s.live_seen,
    s.gate_held, s.gate_expires, s.swaps, s.since,
    s.mark, s.holder, s.partner) .. s.rest
end

-- For how long a request makes it watching: 0 where it is quiet.
local function window_of(s)
  if s.window > 0 then return s.window end
  return s.segments == 1 and 60 or 0
end

local function over(s)
  return CEIL(MIN(s.deadline, MAX(s.seen + s.timeout, s.stays)))
end

local function inside(s)
  return s.superseded == 0 and now < s.held + s.hold
end

local function outside(s)
  return s.limited == 1 and not inside(s)
end

-- Texts one behind the other, each with its length in front.
local function texts(blob)
  local found, at, text = {}, 1, nil
  while blob and at <= #blob do
    text, at = UNPACK('<I4c0', blob, at)
    found[#found + 1] = text
  end
  return found
end

local function joined(list)
  local parts = {}
  for i, text in ipairs(list) do parts[i] = PACK('<I4c0', #text, text) end
  return table.concat(parts)
end
