-- parts: record numbers sessions bars
-- args: numbers, key, mark, reason, stream
-- A bar over a mark whose session lies in another partition.
local _, _, till, status, cause = UNPACK('<ddddB', ARGV[1])
put_bar(ARGV[3], till, cause, status, ARGV[4], ARGV[2], ARGV[5])
return 0
