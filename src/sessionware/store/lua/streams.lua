-- parts: record numbers sessions due
-- args: numbers
-- The names of all streams that are known.
sweep(100)
if anything_due() == 1 then return 0 end
return CALL('ZRANGE', STREAMS, 0, -1)
