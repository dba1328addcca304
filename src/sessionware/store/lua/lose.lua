-- parts: record numbers sessions bars
-- args: numbers, key, partner
-- A session has given its places to another one, or ends for it.
local EVICTED = 4
local _, _, swaps, since, evicted = UNPACK('<ddddB', ARGV[1])
local s = alive(ARGV[2])
if not s then return NOBODY end
local was = answer(LIVING, s)
if evicted == 1 then
  bury(s, EVICTED)
else
  s.held, s.partner, s.swaps, s.since = NEVER, ARGV[3], swaps, since
  save(s)
end
return was
