-- parts: record numbers sessions bars
-- args: numbers, key, reason
local _, _, till, status, cause, barred, partitions, own = UNPACK('<ddddBBBB', ARGV[1])
local s = find(ARGV[2])
if not s or s.expires <= now then return NOBODY end
local was = answer(LIVING, s)
bury(s, cause, barred > 0)
if barred > 0 and string.byte(s.mark) % partitions == own then
  put_bar(s.mark, till, barred, status, ARGV[3], s.key, s.stream)
end
return was
