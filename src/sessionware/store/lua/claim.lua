-- parts: record numbers sessions due
-- args: numbers
local _, _, limit, chunk = UNPACK('<dddd', ARGV[1])
local beat = tonumber(CALL('HGET', META, 'heartbeat')) or NEVER
if now > beat then CALL('HSET', META, 'heartbeat', now) end
if limit == 0 then return {} end
if CALL('LLEN', TOLD) < limit and anything_due() == 1 then
  sweep(chunk)
  if CALL('LLEN', TOLD) < limit and anything_due() == 1 then return 0 end
end
local given = CALL('LRANGE', TOLD, 0, limit - 1)
CALL('LTRIM', TOLD, limit, -1)
return given
