-- parts: record numbers sessions
-- args: numbers, whom
if CALL('HDEL', DENIALS, ARGV[2]) == 0 then return orders end
CALL('ZREM', DENIALS_ORDER, ARGV[2])
CALL('ZREM', DENIALS_UNTIL, ARGV[2])
return CALL('HINCRBY', META, 'orders', 1)
