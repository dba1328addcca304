-- parts: record numbers sessions bars
-- args: numbers, marks ...
-- The first bar over marks of which a session lies in another partition.
local _, _, known = UNPACK('<ddd', ARGV[1])
if changed(known) then return CHANGED end
return bar_above(2) or NOBODY
