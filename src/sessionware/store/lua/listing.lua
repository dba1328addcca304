-- parts: record numbers sessions walking
-- args: numbers, key after which, stream, user, ip, tag, holder
local _, _, after, limit, chunk, kind, pending, below, some =
  UNPACK('<dddddBBBB', ARGV[1])
local after_key, stream, user, ip, tag, holder =
  ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local by_stream, by_user, by_ip, by_tag, by_holder =
  some % 2 >= 1, some % 4 >= 2, some % 8 >= 4, some % 16 >= 8, some % 32 >= 16

local function has_tag(s)
  for _, one in ipairs(s.extra % 4 >= 2 and texts(CALL('HGET', TAGS, s.key)) or {}) do
    if one == tag then return true end
  end
  return false
end

local function fits(s)
  if s.expires <= now or (s.live == 0 and pending == 0) then return false end
  if kind > 0 and s.kind ~= kind then return false end
  if by_stream and s.stream ~= stream
      and not (below == 1 and string.sub(s.stream, 1, #stream + 1) == stream .. '/') then
    return false
  end
  if by_holder and (s.held_by == 1 and s.holder or '') ~= holder then return false end
  if by_user or by_ip then
    local said = texts(s.rest)
    if by_user and (said[6] ~= user or user == '') then return false end
    if by_ip and said[3] ~= ip then return false end
  end
  return not by_tag or has_tag(s)
end

local given = {}

if by_holder and holder ~= '' then
  local own = {}
  local last = '[' .. holder .. string.rep('\255', 16)
  for _, member in ipairs(CALL('ZRANGEBYLEX', HOLDERS, '[' .. holder, last)) do
    local key = string.sub(member, 17)
    local ms = tonumber(CALL('ZSCORE', ORDER, key))
    local s = (ms > after or (ms == after and key > after_key)) and find(key)
    if s and fits(s) then own[#own + 1] = living(s) end
  end
  return {1, own}
end

local last_ms, last_key = walk(after, after_key, chunk, function(key)
  local s = find(key)
  if s and fits(s) then given[#given + 1] = living(s) end
  loaded[key] = nil
  return #given >= limit
end)
if not last_ms then return {1, given} end
return {0, given, string.format('%.17g', last_ms), last_key}
