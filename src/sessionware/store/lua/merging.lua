-- The app's data: names and texts by turns; an empty text takes the name away, JSON has none.

local function merge(s, changes)
  local old = s.extra % 2 >= 1 and texts(CALL('HGET', DATA, s.key)) or {}
  local place = {}
  for i = 1, #old, 2 do place[old[i]] = i + 1 end
  for i = 1, #changes, 2 do
    local at = place[changes[i]]
    if at then
      old[at] = changes[i + 1]
    else
      old[#old + 1], old[#old + 2] = changes[i], changes[i + 1]
      place[changes[i]] = #old
    end
  end
  local kept = {}
  for i = 1, #old, 2 do
    if old[i + 1] ~= '' then kept[#kept + 1], kept[#kept + 2] = old[i], old[i + 1] end
  end
  set_extra(s, 1, DATA, joined(kept))
end
