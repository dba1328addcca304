-- parts: record numbers sessions bars
-- args: numbers, key, tags to add, tags to remove
local s = alive(ARGV[2])
if not s then return NOBODY end
local gone, kept = {}, {}
for _, text in ipairs(texts(ARGV[4])) do gone[text] = true end
for _, text in ipairs(s.extra % 4 >= 2 and texts(CALL('HGET', TAGS, s.key)) or {}) do
  if not gone[text] then kept[#kept + 1], gone[text] = text, true end
end
local there = {}
for _, text in ipairs(kept) do there[text] = true end
for _, text in ipairs(texts(ARGV[3])) do
  if not there[text] then kept[#kept + 1], there[text] = text, true end
end
set_extra(s, 2, TAGS, joined(kept))
save(s)
return answer(LIVING, s)
