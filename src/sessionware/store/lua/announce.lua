-- parts: record numbers sessions bars
-- args: numbers, key
local s = alive(ARGV[2])
if not s then return NOBODY end
if not waits(s) then
  if s.unsaved then save(s) end
  return NOBODY
end
s.announced = 1
save(s)
return answer(LIVING, s, 2)
