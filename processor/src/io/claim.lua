-- Takes a partition: stores a new lease and answers the whole meta hash.
-- KEYS: meta. ARGV: lease, member.
redis.call('HSET', KEYS[1], 'lease', ARGV[1], 'member', ARGV[2])
return redis.call('HGETALL', KEYS[1])
