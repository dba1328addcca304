-- parts: record numbers sessions bars
-- args: numbers, key
local s = alive(ARGV[2])
if not s then return 0 end
if s.requests > 1 or s.announced == 1 then
  if s.unsaved then save(s) end
  return 0
end
local was = answer(LIVING, s)
take_out(s, {0, 0, 0, 0, 0, 0, 0, 0}, now)
return was
