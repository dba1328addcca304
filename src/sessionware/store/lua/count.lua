-- parts: record numbers sessions due adding
-- args: numbers, stream, protocol
local _, _, kind, of_stream, of_protocol = UNPACK('<ddBBB', ARGV[1])
sweep(100)
if anything_due() == 1 then return 0 end
local total = {0, 0, 0, 0, 0, 0, 0, 0, 0}
for _, tally in ipairs(index_of(of_stream == 1 and 'i' .. ARGV[2] or 'I')) do
  local its_kind, protocol = string.byte(tally) - 48, string.sub(tally, 6)
  local right = its_kind == kind or (kind == 0 and its_kind ~= UNSPECIFIED)
  if right and (of_protocol == 0 or protocol == ARGV[3]) then
    local name = of_stream == 1 and 'T' .. tally .. ARGV[2] or 'A' .. string.sub(tally, 1, 1) .. protocol
    add_up(total, name, its_kind)
  end
end
return numbers_of(total)
