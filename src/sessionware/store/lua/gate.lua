-- A gate: who has a place in one scope, and until when; a slot of its own where there are several.
-- Its entries say of who is inside: holder, partner, when it began and asked last, swaps and since.

local CALL, PACK, UNPACK, MIN, MAX = redis.call, struct.pack, struct.unpack, math.min, math.max

local function let_out(key)
  CALL('HDEL', GATE, key)
  return CALL('ZREM', GATE_UNTIL, key)
end

local function let_in(key, till, entry)
  CALL('HSET', GATE, key, entry)
  CALL('ZADD', GATE_UNTIL, till, key)
  local need = MIN((MAX(till - now, 0) + 3600) * 1000, 315360000000)
  if CALL('PTTL', GATE) < need then
    CALL('PEXPIRE', GATE, math.ceil(need))
    CALL('PEXPIRE', GATE_UNTIL, math.ceil(need))
  end
end

for _, key in ipairs(CALL('ZRANGEBYSCORE', GATE_UNTIL, '-inf', now)) do let_out(key) end
