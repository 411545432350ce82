-- Takes due deliveries for a while: whoever dies with one loses it after that.
-- KEYS: outbox, due.  ARGV: now, until, max.  Answers the rows.
local rows = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  local row = redis.call('HGET', KEYS[1], id)
  if row then
    redis.call('ZADD', KEYS[2], ARGV[2], id)
    rows[#rows + 1] = row
  else
    redis.call('ZREM', KEYS[2], id)
  end
end
return rows
