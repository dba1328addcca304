-- parts: record numbers sessions bars asked judge merging
-- args: numbers, key, mark, data, with whom it changed places
-- "granted": the gates have been asked.
local key, mark = ARGV[2], ARGV[3]
local _, _, known, after, playing, segments, confirmed, granted, swaps, since = UNPACK('<ddddBBBBdd', ARGV[1])
if confirmed == 1 then CALL('ZREM', LEASES, key) end
if changed(known) then return CHANGED end
local bar = bar_over(mark)
if bar then return bar end
local s = alive(key)
if not s then return NOBODY end
local missing, crowded, displaced, evicted, own_swap = {}, nil, {}, {}, nil
for _, p in ipairs(places_of(s)) do
  if s.superseded == 1 or now >= s.held + p.hold then missing[#missing + 1] = p end
end
if granted == 0 then
  crowded, displaced, evicted, own_swap = judged(s, missing)
elseif ARGV[5] ~= '' then
  own_swap = {ARGV[5], swaps, since}
end
if crowded then
  save(s)
  return {CROWDED, crowded}
end
give_way(s, displaced, evicted, own_swap)
if s.limited == 1 then s.held = now end
if confirmed == 1 then
  s.invalid = 0
  merge(s, texts(ARGV[4]))
end
local said = touched(s, playing, segments, after, true)
return answer(LIVING, s, said)
