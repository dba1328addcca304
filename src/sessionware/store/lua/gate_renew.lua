-- parts: gate
-- args: numbers, key
-- Move the time until which somebody inside stays; 0: it is not inside.
local _, _, till, seen = UNPACK('<dddd', ARGV[1])
local entry = CALL('HGET', GATE, ARGV[2])
if not entry then return 0 end
if till <= now then
  let_out(ARGV[2])
else
  let_in(ARGV[2], till, string.sub(entry, 1, 40) .. PACK('<d', seen) .. string.sub(entry, 49))
end
return 1
