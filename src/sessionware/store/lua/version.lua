-- parts: record
-- args: numbers
-- Which orders hold, as the first partition said.
local _, _, version = UNPACK('<ddd', ARGV[1])
if version > (tonumber(CALL('HGET', META, 'orders')) or 0) then CALL('HSET', META, 'orders', version) end
CALL('PEXPIRE', META, 34560000000)
return 0
