-- What a request does to a session.

-- Whether a session should tell the gates that it still wants its places: before a third of the
-- time is over for which they are held, it need not.
local function should_renew(s, segments)
  local watches = window_of(s) > 0 or segments == 1
  return spread and s.limited == 1 and watches and inside(s) and now >= s.held + s.hold / 3
end

local function heard(s)
  if now > s.seen then
    if s.live == 1 then s.seconds = s.seconds + MIN(now - s.seen, window_of(s)) end
    s.seen = now
  end
end

-- A request of a session that may go on: bit 1 of what is said is the cookie, 2 the announcement.
-- Where places are in gates, they are only kept by who has renewed them there.
local function touched(s, playing, segments, after, renewed)
  s.requests = s.requests + 1
  heard(s)
  s.superseded = 0
  if playing == 1 then s.live = 1 end
  if segments == 1 then s.segments = 1 end
  local keeps = s.limited == 1 and (renewed or not spread)
  if keeps and window_of(s) > 0 and now > s.held then s.held = now end
  s.expires = over(s)
  local said = 0
  if now - s.cookie_set >= after then s.cookie_set, said = now, 1 end
  said = said + 2 * announce(s)
  save(s)
  return said
end
