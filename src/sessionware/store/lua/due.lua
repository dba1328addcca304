-- All that is due: who is to be announced or to end, and what is to be forgotten.

local EXPIRED = 1

local function anything_due()
  for _, times in ipairs({DUE, ENDED_UNTIL, BARS_UNTIL, LEASES, STREAMS}) do
    if CALL('ZCOUNT', times, '-inf', now) > 0 then return 1 end
  end
  return 0
end

local function forget_stream(stream)
  local index = cmsgpack.unpack(CALL('HGET', NUMBERS_OF, 'i' .. stream))
  for _, tally in ipairs(index[2]) do CALL('HDEL', NUMBERS_OF, 'T' .. tally .. stream) end
  CALL('HDEL', NUMBERS_OF, 'i' .. stream)
  CALL('ZREM', STREAMS, stream)
end

-- Look at up to so many of each table; gives how many sessions ended.
local function sweep(limit)
  local ended = 0
  for _, key in ipairs(CALL('ZRANGEBYSCORE', DUE, '-inf', now, 'LIMIT', 0, limit)) do
    local s = find(key)
    if not s then
      CALL('ZREM', DUE, key)
    elseif s.expires <= now then
      bury(s, EXPIRED)
      ended = ended + 1
    else
      keep_time(s)
      save(s)
    end
  end
  for tab, times in pairs({[ENDED] = ENDED_UNTIL, [BARS] = BARS_UNTIL, [CLIENTS] = CLIENTS_UNTIL}) do
    for _, name in ipairs(CALL('ZRANGEBYSCORE', times, '-inf', now, 'LIMIT', 0, limit)) do
      CALL('HDEL', tab, name)
      CALL('ZREM', times, name)
    end
  end
  CALL('ZREMRANGEBYSCORE', LEASES, '-inf', now)
  for _, stream in ipairs(CALL('ZRANGEBYSCORE', STREAMS, '-inf', now, 'LIMIT', 0, limit)) do
    forget_stream(stream)
  end
  return ended
end
