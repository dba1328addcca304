-- parts: record numbers sessions bars
-- args: numbers, key, mark
-- What Enter is answered before its places are asked for.
local _, _, known, confirmed = UNPACK('<dddB', ARGV[1])
if confirmed == 1 then CALL('ZREM', LEASES, ARGV[2]) end
if changed(known) then return CHANGED end
local bar = bar_over(ARGV[3])
if bar then return bar end
local s = alive(ARGV[2])
if not s then return NOBODY end
if s.unsaved then save(s) end
return answer(LIVING, s)
