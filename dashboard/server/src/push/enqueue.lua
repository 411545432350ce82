-- Rows of the outbox and the position in the alerts topic, in one step.
-- KEYS: pos, outbox, due.  ARGV: partition, from, to, now, then (id, row)*.
-- Answers OK, or OFFSET when another reader moved the position.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 'OFFSET' end
for i = 5, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('ZADD', KEYS[3], ARGV[4], ARGV[i])
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 'OK'
