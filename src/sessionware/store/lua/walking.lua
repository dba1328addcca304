-- All sessions in their order, some at a time, from behind a place: ms when they began, and key.

-- Look at up to so many; "look" says whether there is enough. Gives the last place, or nothing at
-- the end.
local function walk(after, after_key, chunk, look)
  local offset, looked_at = 0, 0
  local last_ms, last_key = after, after_key
  while looked_at < chunk do
    local page = CALL('ZRANGEBYSCORE', ORDER, after, '+inf', 'WITHSCORES', 'LIMIT', offset, 100)
    if #page == 0 then return nil end
    offset = offset + #page / 2
    for i = 1, #page, 2 do
      local key, ms = page[i], tonumber(page[i + 1])
      if ms > after or key > after_key then
        looked_at, last_ms, last_key = looked_at + 1, ms, key
        if look(key) then return last_ms, last_key end
      end
    end
  end
  return last_ms, last_key
end
