-- A delivery that was given up is owed again, under its old id.
-- KEYS: dead.  ARGV: tag, id, now.  Answers 1, or 0 when there is none.
local key = ARGV[1] .. ':row:' .. ARGV[2]
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then return 0 end
redis.call('ZREM', KEYS[1], ARGV[2])
local row = redis.call('HMGET', key, 'channel', 'urgent', 'members')
if not row[1] then return 0 end
redis.call('PERSIST', key)
for member in string.gmatch(row[3] or '', '%S+') do redis.call('PERSIST', ARGV[1] .. ':row:' .. member) end
redis.call('HSET', key, 'state', 'queued', 'attempts', 1)
redis.call('ZADD', ARGV[1] .. (row[2] == '1' and ':u:' or ':q:') .. row[1], ARGV[3], ARGV[2])
return 1
