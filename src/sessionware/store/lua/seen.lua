-- parts: record numbers sessions
-- args: numbers, key
-- When a session has asked last; nothing if it has no places any more.
local s = find(ARGV[2])
if not s or s.expires <= now or s.superseded == 1 or s.held == NEVER then return '' end
return PACK('<d', s.seen)
