-- parts: record numbers sessions bars superseding
-- args: numbers, key
local s = supersede(ARGV[2])
if not s then return NOBODY end
return answer(LIVING, s)
