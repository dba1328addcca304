-- first: touch_fast
-- parts: record numbers sessions bars asked
-- args: numbers, key, mark, marks above ...
local key, mark = ARGV[2], ARGV[3]
local _, _, known, after, seconds, playing, segments = UNPACK('<dddddBB', ARGV[1])
if changed(known) then return CHANGED end
local bar = bar_over(mark)
if bar then return bar end
local s = alive(key)
if not s then
  return bar_above(4) or (seconds > 0 and lease(key, seconds)) or end_of(key, find(key))
end
if s.invalid == 1 and seconds > 0 then
  if s.unsaved then save(s) end
  return lease(key, seconds) or answer(OUTSIDE, s, 1)
end
if outside(s) then
  if s.unsaved then save(s) end
  return answer(OUTSIDE, s)
end
if playing < 2 and should_renew(s, segments) then
  if s.unsaved then save(s) end
  return answer(RENEW, s)
end
local said = touched(s, playing % 2, segments, after, playing >= 2)
return answer(LIVING, s, said)
