-- parts: record numbers sessions bars asked
-- args: numbers, key
local _, _, down, up, renewed = UNPACK('<ddddB', ARGV[1])
local s = alive(ARGV[2])
if not s then return 0 end
heard(s)
local renew = renewed == 0 and should_renew(s, 0)
if s.limited == 1 and inside(s) and window_of(s) > 0 and now > s.held
    and (renewed == 1 or not spread) then
  s.held = now
end
s.expires = over(s)
s.down, s.up = s.down + down, s.up + up
save(s)
if renew then return answer(RENEW, s) end
return 1
