-- parts: record numbers sessions bars
-- args: numbers, key
local _, _, presentation, live, returns, duration, timeout, stays, window = UNPACK('<ddBBBdddd', ARGV[1])
local s = alive(ARGV[2])
if not s then return NOBODY end
s.live = 1
if presentation > 0 then
  local was_quiet = window_of(s) == 0
  s.presentation, s.duration, s.timeout, s.stays = presentation, duration, timeout, stays
  s.window, s.returns = window, returns
  if live == 1 then s.live_seen = now end
  s.expires = over(s)
  local is_quiet = window_of(s) == 0
  if s.limited == 1 and was_quiet and not is_quiet and inside(s) and now > s.held then
    s.held = now
  elseif not was_quiet and is_quiet and s.held ~= NEVER then
    s.held = s.started
  end
end
local said = 2 * announce(s)
save(s)
return answer(LIVING, s, said)
