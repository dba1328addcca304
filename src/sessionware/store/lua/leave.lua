-- parts: record numbers sessions bars
-- args: numbers, key
local s = alive(ARGV[2])
if s then
  if s.live == 0 then s.held = NEVER end
  save(s)
  if s.live == 0 then return answer(LIVING, s) end
end
return NOBODY
