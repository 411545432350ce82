-- Who routes. A lease that ran out is free; the same owner (host and port, so
-- an earlier process of it is gone) takes it over at once.
-- KEYS: lease.  ARGV: owner, token, ms.  Answers 1 when it is ours.
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1] + 1) ~= ARGV[1] .. ' ' then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return 1
