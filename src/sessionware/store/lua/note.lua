-- parts: record numbers sessions bars
-- args: numbers, key, texts
local s = alive(ARGV[2])
if not s then return 0 end
local also = s.extra % 8 >= 4 and texts(CALL('HGET', ALSO, s.key)) or {}
local known = {}
for _, text in ipairs(also) do known[text] = true end
for _, text in ipairs(texts(ARGV[3])) do
  if not known[text] and #also < 16 then
    also[#also + 1], known[text] = text, true
  end
end
set_extra(s, 4, ALSO, joined(also))
save(s)
return 1
