-- KEYS: lease.  ARGV: owner and token, ms.  Answers 1 while it is ours.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
