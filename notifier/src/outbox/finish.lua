-- What became of one try. A retry or a failure counts only while the delivery
-- is still with whom it was given to; an acceptance always does.
-- KEYS: urgent queue, queue, channel.  ARGV: tag, id, attempt, outcome, now,
-- why, answer, due again at, channel paused until, keep (s), failures that
-- open the circuit, ms it stays open.
local tag, id, outcome, now = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5])
local key = tag .. ':row:' .. id
local row = redis.call('HMGET', key, 'attempts', 'state', 'members', 'failover', 'urgent')
if not row[1] or row[2] == 'accepted' then return 'GONE' end
if outcome ~= 'ok' and row[1] ~= ARGV[3] then return 'STALE' end

local members = { id }
for member in string.gmatch(row[3] or '', '%S+') do members[#members + 1] = member end
redis.call('HSET', key, 'answer', ARGV[7], 'why', ARGV[6])

if outcome == 'ok' then
  redis.call('HSET', KEYS[3], 'fails', 0, 'pausedUntil', 0, 'health', 'ok', 'okAt', now)
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  for _, member in ipairs(members) do
    local of = tag .. ':row:' .. member
    redis.call('HSET', of, 'state', 'accepted', 'acceptedAt', now)
    redis.call('EXPIRE', of, ARGV[10])
    redis.call('ZREM', tag .. ':failover', member)
    redis.call('ZREM', tag .. ':dead', member)
  end
  return 'OK'
end

local fails = redis.call('HINCRBY', KEYS[3], 'fails', outcome == 'payload' and 0 or 1)
local paused = tonumber(ARGV[9])
if fails >= tonumber(ARGV[11]) or outcome == 'config' then
  paused = math.max(paused, now + tonumber(ARGV[12]))
end
if paused > 0 then redis.call('HSET', KEYS[3], 'pausedUntil', paused) end
if outcome ~= 'payload' then
  redis.call('HSET', KEYS[3], 'health', outcome == 'config' and 'config' or 'failing', 'why', ARGV[6], 'failedAt', now)
end

if outcome == 'retry' then
  redis.call('HSET', key, 'state', 'queued')
  redis.call('ZADD', row[5] == '1' and KEYS[1] or KEYS[2], ARGV[8], id)
  return 'OK'
end
-- Given up: kept for a look, and others hear of it at once.
redis.call('ZREM', KEYS[1], id)
redis.call('ZREM', KEYS[2], id)
redis.call('HSET', key, 'state', 'dead', 'deadAt', now)
for _, member in ipairs(members) do redis.call('EXPIRE', tag .. ':row:' .. member, ARGV[10]) end
redis.call('ZADD', tag .. ':dead', now, id)
redis.call('ZREMRANGEBYSCORE', tag .. ':dead', '-inf', now - tonumber(ARGV[10]) * 1000)
for _, member in ipairs(members) do
  local chain = redis.call('HGET', tag .. ':row:' .. member, 'failover')
  if chain and chain ~= '' and chain ~= '[]' and not redis.call('HGET', tag .. ':row:' .. member, 'failedOverTo') then
    redis.call('ZADD', tag .. ':failover', now, member)
  end
end
return 'OK'
