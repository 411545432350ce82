-- Deliveries that nobody accepted in time go to the next channel, too.
-- KEYS: failover.  ARGV: tag, now, patience (ms), most, keep (s).
-- Answers the ids of the deliveries made.
local tag, now, made = ARGV[1], tonumber(ARGV[2]), {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[4])) do
  redis.call('ZREM', KEYS[1], id)
  local key = tag .. ':row:' .. id
  local row = redis.call('HMGET', key, 'state', 'failover', 'kind', 'severity', 'urgent', 'body', 'alerts', 'chain')
  local chain = row[2] and row[2] ~= '' and cjson.decode(row[2]) or {}
  if row[1] and row[1] ~= 'accepted' and row[1] ~= 'cancelled' and #chain > 0 then
    local next_ = table.remove(chain, 1)
    redis.call('HSET', key, 'failedOverTo', next_.id)
    local to = tag .. ':row:' .. next_.id
    if redis.call('EXISTS', to) == 0 then
      redis.call('HSET', to, 'channel', next_.channel, 'kind', row[3], 'severity', row[4],
        'urgent', row[5], 'body', row[6], 'state', 'queued', 'attempts', 0, 'queuedAt', now,
        'failover', #chain > 0 and cjson.encode(chain) or '[]', 'alerts', row[7] or '', 'insteadOf', id, 'chain', row[8] or '')
      redis.call('ZADD', tag .. (row[5] == '1' and ':u:' or ':q:') .. next_.channel, now, next_.id)
      redis.call('SADD', tag .. ':channels', next_.channel)
      redis.call('ZADD', tag .. ':recent', now, next_.id)
      if #chain > 0 then redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), next_.id) end
      for alert in string.gmatch(row[7] or '', '[^\n]+') do
        redis.call('HSET', tag .. ':alert:' .. alert, next_.id, now)
        redis.call('EXPIRE', tag .. ':alert:' .. alert, ARGV[5])
      end
      made[#made + 1] = next_.id
    end
  end
end
return made
