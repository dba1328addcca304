-- parts: record numbers sessions bars walking
-- args: numbers, key after which, key or nothing, stream
local _, _, after, chunk, by_stream = UNPACK('<ddddB', ARGV[1])
local after_key, wanted, stream = ARGV[2], ARGV[3], ARGV[4]
local DENIED, marked = 5, 0

local function fits(key, its)
  if wanted ~= '' then return key == wanted end
  return by_stream == 0 or its == stream or string.sub(its, 1, #stream + 1) == stream .. '/'
end

local function mark(key)
  local s = find(key)
  if s and s.expires > now and s.kind ~= UNSPECIFIED and fits(key, s.stream) then
    s.invalid, marked = 1, marked + 1
    save(s)
  end
end

local last_ms, last_key = nil, nil
if wanted ~= '' then
  mark(wanted)
else
  last_ms, last_key = walk(after, after_key, chunk, function(key)
    mark(key)
    loaded[key] = nil
  end)
end
if last_ms then return {marked, string.format('%.17g', last_ms), last_key} end

-- At last, bars that say that the app denied somebody.
for _, name in ipairs(CALL('ZRANGEBYSCORE', BARS_UNTIL, '(' .. string.format('%.17g', now), '+inf')) do
  local bar = CALL('HGET', BARS, name)
  local _, cause, _, at = UNPACK('<dBd', bar)
  local said = texts(string.sub(bar, at))
  if cause == DENIED and fits(said[2], said[3]) then
    CALL('HDEL', BARS, name)
    CALL('ZREM', BARS_UNTIL, name)
    marked = marked + 1
  end
end
return {marked}
