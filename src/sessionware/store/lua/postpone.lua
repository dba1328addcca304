-- parts: record numbers sessions
-- args: numbers
-- Each session is moved when it is next read: an outage of many sessions stops nobody.
local _, _, since, most = UNPACK('<dddd', ARGV[1])
local before = tonumber(CALL('HGET', META, 'postponed')) or NEVER
local gap = MIN(now - MAX(since, before), most)
if gap <= 0 then return '0' end
local number = CALL('HINCRBY', META, 'gaps', 1)
CALL('HSET', GAPS, number, PACK('<dd', since, gap))
CALL('HDEL', GAPS, number - 1000)
CALL('HSET', META, 'postponed', now)
keep({GAPS, META}, now + 34560000)
return string.format('%.17g', gap)
