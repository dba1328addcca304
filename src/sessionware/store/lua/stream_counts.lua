-- parts: record numbers adding
-- args: numbers, names of streams ...
local given = {}
for i = 2, #ARGV do
  local total, known = {0, 0, 0, 0, 0, 0, 0, 0, 0}, false
  for _, tally in ipairs(index_of('i' .. ARGV[i])) do
    local kind = string.byte(tally) - 48
    if kind ~= UNSPECIFIED then known = add_up(total, 'T' .. tally .. ARGV[i], kind) or known end
  end
  given[i - 1] = known and numbers_of(total) or ''
end
return given
