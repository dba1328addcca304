-- parts: record numbers sessions bars
-- args: numbers, key, mark, reason, stream
local _, _, till, status, cause = UNPACK('<ddddB', ARGV[1])
CALL('ZREM', LEASES, ARGV[2])
if cause > 0 then put_bar(ARGV[3], till, cause, status, ARGV[4], ARGV[2], ARGV[5]) end
return NOBODY
