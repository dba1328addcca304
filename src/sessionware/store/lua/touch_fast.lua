-- Most touches are of somebody who simply goes on: that is done here, before anything else is even
-- defined. What is not so plain is left to what follows, which changes and answers the same.
do
  local call, pack, unpack = redis.call, struct.pack, struct.unpack
  local key = ARGV[2]
  local _, _, known, after, lease, playing, asks_segment = unpack('<dddddBB', ARGV[1])
  local raw, meta = call('HGET', SESSIONS, key), call('HMGET', META, 'orders', 'gaps', 'renew')
  if raw and now < (tonumber(meta[3]) or now) and (known < 0 or known == (tonumber(meta[1]) or 0)) then
    local _, kind, live, announced, superseded, invalid, segments, _, _, limited, lapsed, extra, _, _,
      seen, expires, requests, seconds, cookie_set, held,
      timeout, stays, deadline, window, remember, hold, gaps, due =
      unpack('<BBBBBBBBBBBBBBdddddddddddddd', raw)
    local bar = call('HGET', BARS, ARGV[3])
    if live == 1 and announced == 1 and superseded == 0 and lapsed == 0 and now >= seen
        and asks_segment <= segments and (invalid == 0 or lease == 0)
        and gaps == (tonumber(meta[2]) or 0) and now < expires and now < due
        and (limited == 0 or (not spread and now < held + hold))
        and (not bar or unpack('<d', bar) <= now) then
      local expires_then = math.ceil(math.min(deadline, math.max(now + timeout, stays)))
      if expires_then >= expires and expires_then + remember <= now + 86400 then
        local said, lasts = 0, window
        if lasts == 0 and segments == 1 then lasts = 60 end
        local more = math.min(now - seen, lasts)
        if limited == 1 and lasts > 0 and now > held then held = now end
        if now - cookie_set >= after then cookie_set, said = now, 1 end
        raw = string.sub(raw, 1, 14)
          .. pack('<dddddd', now, expires_then, requests + 1, seconds + more, cookie_set, held)
          .. string.sub(raw, 63)

        -- Its numbers, and those of all: requests, seconds, and the last second of who watches.
        local stream, protocol = unpack('<I4c0I4c0', raw, 255)
        local letter = string.char(48 + kind)
        local own = 'T' .. letter .. pack('>I4', #protocol) .. protocol .. stream
        local all = 'A' .. letter .. protocol
        local from, to = 0, 0
        if kind == 1 and lasts > 0 then
          local length = math.ceil(lasts)
          from, to = math.floor(seen) + length, math.floor(now) + length
        end
        call('HDEL', SESSIONS, '')  -- so that a server whose memory is full does the rest, too
        if from == to then
          local old = call('HMGET', NUMBERS_OF, own, all)
          local r, s = unpack('<dd', old[1])
          local ra, sa = unpack('<dd', old[2])
          call('HSET', NUMBERS_OF, own, pack('<dd', r + 1, s + more) .. string.sub(old[1], 17),
            all, pack('<dd', ra + 1, sa + more) .. string.sub(old[2], 17))
        else
          local f, t = string.format('%.0f', from), string.format('%.0f', to)
          local old = call('HMGET', NUMBERS_OF, own, f .. own, t .. own, all, f .. all, t .. all)
          local r, s, last = unpack('<ddd', old[1])
          local ra, sa, last_of_all = unpack('<ddd', old[4])
          call('HSET', NUMBERS_OF,
            own, pack('<ddd', r + 1, s + more, math.max(last, to)) .. string.sub(old[1], 25),
            all, pack('<ddd', ra + 1, sa + more, math.max(last_of_all, to)) .. string.sub(old[4], 25),
            f .. own, old[2] - 1, t .. own, (old[3] or 0) + 1,
            f .. all, old[5] - 1, t .. all, (old[6] or 0) + 1)
          if old[2] == '1' then call('HDEL', NUMBERS_OF, f .. own) end
          if old[5] == '1' then call('HDEL', NUMBERS_OF, f .. all) end
        end
        call('HSET', SESSIONS, key, raw)
        if extra == 0 then return {1, said, key, raw, '', '', ''} end
        return {1, said, key, raw,
          extra % 2 >= 1 and call('HGET', DATA, key) or '',
          extra % 4 >= 2 and call('HGET', TAGS, key) or '',
          extra % 8 >= 4 and call('HGET', ALSO, key) or ''}
      end
    end
  end
end
