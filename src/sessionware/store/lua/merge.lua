-- parts: record numbers sessions bars merging
-- args: numbers, key, changes
local s = alive(ARGV[2])
if not s then return 0 end
merge(s, texts(ARGV[3]))
save(s)
return 1
