-- parts: record numbers sessions bars
-- args: numbers, key, mark or nothing, marks above ...
local key, mark = ARGV[2], ARGV[3]
local _, _, known = UNPACK('<ddd', ARGV[1])
if changed(known) then return CHANGED end
local bar = mark ~= '' and bar_over(mark)
if bar then return bar end
local s = alive(key)
if s then
  if s.unsaved then save(s) end
  return answer(LIVING, s)
end
if mark == '' then return NOBODY end
return bar_above(4) or end_of(key, find(key))
