-- One step of the router, whole: positions in the alerts topic, groups, storms
-- and the deliveries that follow from them. Nothing of it is ever seen alone.
-- KEYS: lease, step.  ARGV: lease, from, to, tag, work (JSON), keep (s),
-- deliveries that stay listed.
-- Answers OK; DONE when this step is stored already (the reply was lost);
-- FENCED when somebody else routes.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'FENCED' end
local step = redis.call('GET', KEYS[2]) or '0'
if step == ARGV[3] then return 'DONE' end
if step ~= ARGV[2] then return 'FENCED' end
local tag, work, keep = ARGV[4], cjson.decode(ARGV[5]), ARGV[6]

for _, pair in ipairs(work.positions) do
  redis.call('HSET', tag .. ':pos', pair[1], pair[2])
end
for _, name in ipairs({ 'groups', 'storms' }) do
  for _, pair in ipairs(work[name]) do
    if pair[2] == '' then redis.call('HDEL', tag .. ':' .. name, pair[1])
    else redis.call('HSET', tag .. ':' .. name, pair[1], pair[2]) end
  end
end
for _, row in ipairs(work.rows) do
  local key = tag .. ':row:' .. row.id
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'channel', row.channel, 'kind', row.kind,
      'severity', row.severity, 'urgent', row.urgent, 'body', row.body,
      'state', 'queued', 'attempts', 0, 'queuedAt', row.at,
      'failover', row.failover, 'chain', row.chain, 'alerts', table.concat(row.alerts, '\n'))
    redis.call('ZADD', tag .. (row.urgent == 1 and ':u:' or ':q:') .. row.channel, row.at, row.id)
    redis.call('SADD', tag .. ':channels', row.channel)
    redis.call('ZADD', tag .. ':recent', row.at, row.id)
    if row.failoverAt > 0 then redis.call('ZADD', tag .. ':failover', row.failoverAt, row.id) end
    for _, alert in ipairs(row.alerts) do
      redis.call('HSET', tag .. ':alert:' .. alert, row.id, row.at)
      redis.call('EXPIRE', tag .. ':alert:' .. alert, keep)
    end
  end
end
if #work.rows > 0 then
  redis.call('ZREMRANGEBYRANK', tag .. ':recent', 0, -1 - tonumber(ARGV[7]))
end
for _, pair in ipairs(work.acknowledged) do
  if redis.call('EXISTS', tag .. ':alert:' .. pair[1]) == 1 then
    redis.call('HSETNX', tag .. ':alert:' .. pair[1], 'acknowledged', pair[2])
  end
end
-- Somebody took them: what still waits to call people is not sent any more, and
-- nothing about them is handed on.
for _, stop in ipairs(work.stopped) do
  for _, alert in ipairs(stop.alerts) do
    for _, id in ipairs(redis.call('HKEYS', tag .. ':alert:' .. alert)) do
      local key = tag .. ':row:' .. id
      local row = redis.call('HMGET', key, 'chain', 'state', 'channel')
      if row[2] then redis.call('ZREM', tag .. ':failover', id) end
      if row[1] == stop.chain and row[2] == 'queued' then
        redis.call('ZREM', tag .. ':u:' .. row[3], id)
        redis.call('ZREM', tag .. ':q:' .. row[3], id)
        redis.call('HSET', key, 'state', 'cancelled')
        redis.call('EXPIRE', key, keep)
      end
    end
  end
end
redis.call('SET', KEYS[2], ARGV[3])
return 'OK'
