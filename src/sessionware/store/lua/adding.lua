-- Numbers read: those of a tally, with who watches now.

local function watching(name, last)
  local first, total = FLOOR(now), 0
  if last - first > 4000 then
    -- A window may be very long: then it is less to look at what there is.
    local all = CALL('HGETALL', NUMBERS_OF)
    for i = 1, #all, 2 do
      local at = string.match(all[i], '^(%d+)[TA]')
      if at and string.sub(all[i], #at + 1) == name and tonumber(at) >= first then
        total = total + all[i + 1]
      end
    end
    return total
  end
  for from = first, last, 1000 do
    local fields = {}
    for at = from, MIN(last, from + 999) do fields[#fields + 1] = second(at, name) end
    for _, number in ipairs(CALL('HMGET', NUMBERS_OF, unpack(fields))) do
      total = total + (tonumber(number) or 0)
    end
  end
  return total
end

-- Add a tally to a total, where those who watch now stand in the third place; false if nothing was ever counted in it.
local function add_up(total, name, kind)
  local raw = CALL('HGET', NUMBERS_OF, name)
  if not raw then return false end
  local n = {UNPACK(NUMBERS, raw)}
  if n[1] == 0 then return false end
  if kind == VIEWER and n[3] > 0 then total[3] = total[3] + watching(name, n[3]) end
  for i = 1, 9 do
    if i ~= 3 then total[i] = total[i] + n[i] end
  end
  return true
end

local function index_of(name)
  local index = CALL('HGET', NUMBERS_OF, name)
  return index and cmsgpack.unpack(index)[2] or {}
end

local function numbers_of(total)
  return PACK(NUMBERS, unpack(total))
end
