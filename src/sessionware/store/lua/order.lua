-- parts: record numbers sessions
-- args: numbers, whom, what is said of the denial
local _, _, till = UNPACK('<ddd', ARGV[1])
local version = CALL('HINCRBY', META, 'orders', 1)
CALL('HSET', DENIALS, ARGV[2], ARGV[3])
CALL('ZADD', DENIALS_ORDER, version, ARGV[2])
CALL('ZADD', DENIALS_UNTIL, till, ARGV[2])
keep({DENIALS, DENIALS_ORDER, DENIALS_UNTIL, META}, till)
return version
