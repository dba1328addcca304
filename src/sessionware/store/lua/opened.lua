-- parts: record numbers sessions
-- args: numbers, client, key, holder
-- Note what a client has begun; gives what it began before, if that may be set aside.
local last, other = CALL('HGET', CLIENTS, ARGV[2]), ''
CALL('HSET', CLIENTS, ARGV[2], PACK('<d', now) .. joined({ARGV[3], ARGV[4]}))
CALL('ZADD', CLIENTS_UNTIL, now + 10, ARGV[2])
keep({CLIENTS, CLIENTS_UNTIL}, now)
if last then
  local at, key, holder = UNPACK('<dI4c0I4c0', last)
  if now - at < 10 and holder ~= ARGV[4] then other = key end
end
return {other, last or ''}
