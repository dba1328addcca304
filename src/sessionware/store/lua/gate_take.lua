-- parts: gate
-- args: numbers, key, entry, holder, victims ...
-- 2: it was inside, and its time is longer now. 1: it got a place, the victims have left. Else how
-- many are inside, and those of them that may give way.
local _, _, limit, till, evict = UNPACK('<ddddB', ARGV[1])
local key, entry, holder = ARGV[2], ARGV[3], ARGV[4]
if CALL('ZSCORE', GATE_UNTIL, key) then
  let_in(key, till, entry)
  return {2}
end
local victims = 0
for i = 5, #ARGV do
  if CALL('ZSCORE', GATE_UNTIL, ARGV[i]) then victims = victims + 1 end
end
local number = CALL('ZCARD', GATE_UNTIL)
if number - victims < limit then
  for i = 5, #ARGV do let_out(ARGV[i]) end
  let_in(key, till, entry)
  return {1}
end
local known = {}
if evict == 1 or holder ~= '' then
  local all = CALL('HGETALL', GATE)
  for i = 1, #all, 2 do
    if evict == 1 or string.sub(all[i + 1], 1, #holder) == holder then
      known[#known + 1], known[#known + 2] = all[i], all[i + 1]
    end
  end
end
return {0, number, known}
