-- parts: record numbers sessions due
-- args: numbers
local _, _, limit, denials = UNPACK('<dddB', ARGV[1])
if denials == 1 then
  for _, whom in ipairs(CALL('ZRANGEBYSCORE', DENIALS_UNTIL, '-inf', now)) do
    CALL('HDEL', DENIALS, whom)
    CALL('ZREM', DENIALS_UNTIL, whom)
    CALL('ZREM', DENIALS_ORDER, whom)
  end
end
local ended = sweep(limit)
return {ended, anything_due()}
