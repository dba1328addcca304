-- parts: record numbers sessions
-- args: numbers, client, what it had begun before
-- The session did not begin: what was known of its client is known again.
if ARGV[3] == '' then
  CALL('HDEL', CLIENTS, ARGV[2])
  CALL('ZREM', CLIENTS_UNTIL, ARGV[2])
else
  CALL('HSET', CLIENTS, ARGV[2], ARGV[3])
  CALL('ZADD', CLIENTS_UNTIL, UNPACK('<d', ARGV[3]) + 10, ARGV[2])
end
return 0
