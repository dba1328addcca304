-- parts: record
-- args: numbers, the format, a key for ids if there is none yet
CALL('HSETNX', META, 'format', ARGV[2])
CALL('HSETNX', META, 'idkey', ARGV[3])
CALL('PEXPIRE', META, 34560000000)
local said = {}
for _, whom in ipairs(CALL('ZRANGE', DENIALS_ORDER, 0, -1)) do
  said[#said + 1] = CALL('HGET', DENIALS, whom)
end
local about = CALL('HMGET', META, 'format', 'idkey', 'orders', 'heartbeat')
return {about[1], about[2], about[3] or '0', about[4] or '0', said}
