-- Who gives way to a newcomer: the same rules as in sessionware/limits.py.

local function silent_longer(a, b)
  if a.seen ~= b.seen then return a.seen < b.seen end
  if a.started ~= b.started then return a.started < b.started end
  for i = 1, 16 do
    local x, y = string.byte(a.key, i), string.byte(b.key, i)
    if x ~= y then return x < y end
  end
  return false
end

local function began_later(a, b)
  if a.started ~= b.started then return a.started > b.started end
  for i = 1, 16 do
    local x, y = string.byte(a.key, i), string.byte(b.key, i)
    if x ~= y then return x > y end
  end
  return false
end

local function swapping(rival, newcomer, hold)
  return rival.partner == newcomer.key and now - rival.since < hold
end

local function gives_way(rival, newcomer, hold)
  if newcomer.held_by == 0 or rival.held_by == 0 or rival.holder ~= newcomer.holder then
    return false
  end
  local worn_out = swapping(rival, newcomer, hold) and rival.swaps >= 3
  return not (worn_out and began_later(newcomer, rival))
end

-- Look again at those whose time in a scope may be over.
local function look_up(scope)
  local last = string.rep('\255', 16)
  local unsure = CALL('ZRANGEBYLEX', PLACES, '[' .. scope, '[' .. scope .. PACK('>d', now) .. last)
  for _, member in ipairs(unsure) do
    local s = find(string.sub(member, 25))
    local hold = s and holds_of(s)[scope]
    if not hold then
      CALL('ZREM', PLACES, member)
    else
      local held = s.superseded == 1 and NEVER or s.held
      if now < MIN(held + hold, s.expires) then
        reseat(s)
      else
        CALL('ZREM', PLACES, member)
        s.lapsed = 1
      end
      CALL('HSET', SESSIONS, s.key, packed(s))
    end
  end
end

-- How many have a place in a scope, and of whom it is to be known: all, or one holder's.
local function occupants(place, newcomer)
  look_up(place.scope)
  local first = '(' .. place.scope .. PACK('>d', now) .. string.rep('\255', 16)
  local last = '[' .. place.scope .. string.rep('\255', 24)
  local there = {}
  if place.evict == 1 then
    for _, member in ipairs(CALL('ZRANGEBYLEX', PLACES, first, last)) do
      there[#there + 1] = find(string.sub(member, 25))
    end
    return #there, there
  end
  local number = CALL('ZLEXCOUNT', PLACES, first, last)
  if number >= place.limit and newcomer.held_by == 1 then
    local name = newcomer.holder
    local own = CALL('ZRANGEBYLEX', HOLDERS, '[' .. name, '[' .. name .. string.rep('\255', 16))
    for _, member in ipairs(own) do
      local s = find(string.sub(member, 17))
      local hold = s.key ~= newcomer.key and s.superseded == 0 and holds_of(s)[place.scope]
      if hold and now < MIN(s.held + hold, s.expires) then there[#there + 1] = s end
    end
  end
  return number, there
end

local function judged(newcomer, places)
  local gone, displaced, evicted, swaps, own_swap = {}, {}, {}, {}, nil
  local turns = {}
  for _, p in ipairs(places) do if p.evict == 0 then turns[#turns + 1] = p end end
  for _, p in ipairs(places) do if p.evict == 1 then turns[#turns + 1] = p end end
  for _, p in ipairs(turns) do
    local number, known = occupants(p, newcomer)
    local there = {}
    for _, rival in ipairs(known) do
      if gone[rival.key] then number = number - 1 else there[#there + 1] = rival end
    end
    local need = number - p.limit + 1
    if need > 0 then
      table.sort(there, silent_longer)
      local others = {}
      for _, rival in ipairs(there) do
        if need > 0 and gives_way(rival, newcomer, p.hold) then
          need = need - 1
          local times, since = 1, now
          if swapping(rival, newcomer, p.hold) then times, since = rival.swaps + 1, rival.since end
          displaced[#displaced + 1] = {rival, times, since}
          own_swap = {rival.key, times, since}
          gone[rival.key] = true
        else
          others[#others + 1] = rival
        end
      end
      if p.evict == 1 then
        for _, rival in ipairs(others) do
          if need > 0 then
            need = need - 1
            evicted[#evicted + 1] = rival
            gone[rival.key] = true
          end
        end
      end
      if need > 0 then return p.name end
    end
  end
  return nil, displaced, evicted, own_swap
end

local EVICTED = 4

-- Carry out what was judged.
local function give_way(newcomer, displaced, evicted, own_swap)
  for _, given in ipairs(displaced) do
    local s = given[1]
    s.held, s.partner, s.swaps, s.since = NEVER, newcomer.key, given[2], given[3]
    save(s)
  end
  for _, s in ipairs(evicted) do bury(s, EVICTED) end
  if own_swap then newcomer.partner, newcomer.swaps, newcomer.since = unpack(own_swap) end
end
