-- parts: gate
-- args: numbers, key
return let_out(ARGV[2])
