-- Takes the next delivery of a channel for a while; whoever dies with it loses
-- it after that. Many that nobody tried yet become one digest.
-- KEYS: urgent queue, queue, channel.  ARGV: tag, channel, now, until, most
-- that go one by one, most in one digest, failures that open the circuit, ms
-- between probes, then permits and window (ms) of every limit.
-- Answers {'NONE'}, {'WAIT', until} or {'ROW', id, kind, attempts, queuedAt, body…}.
local tag, channel = ARGV[1], ARGV[2]
local now, until_ = tonumber(ARGV[3]), ARGV[4]
local oneByOne, digestMax = tonumber(ARGV[5]), tonumber(ARGV[6])
local failsMax, probeMs = tonumber(ARGV[7]), tonumber(ARGV[8])
local rowKey = function(id) return tag .. ':row:' .. id end

local scan = math.max(digestMax, 1) * 2
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, scan)
local urgent = #due > 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, scan)) do
  due[#due + 1] = id
end
if #due == 0 then return { 'NONE' } end

local known = redis.call('HMGET', KEYS[3], 'pausedUntil', 'fails')
if tonumber(known[1] or 0) > now then return { 'WAIT', known[1] } end

-- Token buckets: half of the quota at once, the other half over the window, so
-- that no window ever sees more than the quota. The last token is critical's.
local wait, taken = 0, {}
for i = 9, #ARGV, 2 do
  local quota, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local size = math.max(1, math.floor(quota / 2))
  local rate = math.max(quota - size, 0.5) / window
  local stored = redis.call('HMGET', KEYS[3], 'tokens' .. window, 'at' .. window)
  local tokens = tonumber(stored[1] or size)
  tokens = math.min(size, tokens + math.max(0, now - tonumber(stored[2] or now)) * rate)
  local need = (urgent or size < 4) and 1 or 2
  if tokens < need then wait = math.max(wait, math.ceil((need - tokens) / rate)) end
  taken[#taken + 1] = { window, tokens - 1 }
end
if wait > 0 then return { 'WAIT', tostring(now + wait) } end
for _, bucket in ipairs(taken) do
  redis.call('HSET', KEYS[3], 'tokens' .. bucket[1], bucket[2], 'at' .. bucket[1], now)
end
if tonumber(known[2] or 0) >= failsMax then
  redis.call('HSET', KEYS[3], 'pausedUntil', now + probeMs)
end

local queueOf = function(id)
  return redis.call('ZSCORE', KEYS[1], id) and KEYS[1] or KEYS[2]
end
local function take(id)
  redis.call('ZADD', queueOf(id), until_, id)
  redis.call('HINCRBY', rowKey(id), 'attempts', 1)
  redis.call('HSET', rowKey(id), 'state', 'sent', 'sentAt', now)
  local row = redis.call('HMGET', rowKey(id), 'kind', 'attempts', 'queuedAt', 'body', 'members')
  local answer = { 'ROW', id, row[1], row[2], row[3] }
  if row[5] then
    for member in string.gmatch(row[5], '%S+') do
      answer[#answer + 1] = redis.call('HGET', rowKey(member), 'body')
    end
  else
    answer[#answer + 1] = row[4]
  end
  return answer
end

local fresh = {}
if digestMax > 0 then
  for _, id in ipairs(due) do
    local row = redis.call('HMGET', rowKey(id), 'attempts', 'members')
    if row[1] == '0' and not row[2] and #fresh < digestMax then fresh[#fresh + 1] = id end
  end
end
if #fresh <= oneByOne then
  if redis.call('EXISTS', rowKey(due[1])) == 0 then
    redis.call('ZREM', KEYS[1], due[1])
    redis.call('ZREM', KEYS[2], due[1])
    return { 'WAIT', tostring(now) }
  end
  return take(due[1])
end

local members = table.concat(fresh, ' ')
local id = 'msg_' .. string.sub(redis.sha1hex(channel .. ' ' .. members), 1, 27)
local severity, anyUrgent = 'info', 0
local rank = { info = 1, low = 2, medium = 3, high = 4, critical = 5 }
local oldest = now
for _, member in ipairs(fresh) do
  local row = redis.call('HMGET', rowKey(member), 'severity', 'urgent', 'queuedAt')
  if (rank[row[1]] or 0) > rank[severity] then severity = row[1] end
  if row[2] == '1' then anyUrgent = 1 end
  oldest = math.min(oldest, tonumber(row[3] or now))
  redis.call('ZREM', queueOf(member), member)
  redis.call('HSET', rowKey(member), 'state', 'digested', 'into', id)
end
redis.call('HSET', rowKey(id), 'channel', channel, 'kind', 'digest', 'severity', severity,
  'urgent', anyUrgent, 'state', 'queued', 'attempts', 0, 'queuedAt', oldest, 'members', members)
redis.call('ZADD', tag .. ':recent', oldest, id)
redis.call('ZADD', anyUrgent == 1 and KEYS[1] or KEYS[2], now, id)
return take(id)
