-- Set aside what the same client began a moment ago, if it should have asked again.
local function supersede(key)
  local s = find(key)
  if s and s.expires > now and waits(s) and now < s.announce_at and s.requests == 1
      and s.returns == 1 then
    s.superseded = 1
    save(s)
    return s
  end
end
