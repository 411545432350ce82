-- Commits one sub-batch of a partition, whole or not at all.
-- KEYS: meta, wake, all, totals, segments, groups, book, then the customer keys in the order of ARGV.
-- ARGV: lease, from, to,
--   n, n x (meta field, value),
--   n, n x (subject, state, wake, score)   -- stored; wake 0 = none
--   n, n x subject                         -- erased
--   n, n x (totals field, change)
--   n, n x (segments field, change)
--   n, n x (groups field, value)           -- empty = removed
--   n, n x (book field, value)             -- empty = removed
-- Answers OK, DONE (this commit was applied before), FENCED or OFFSET.
local lease, next = unpack(redis.call('HMGET', KEYS[1], 'lease', 'next'))
if lease ~= ARGV[1] then return 'FENCED' end
if next == ARGV[3] then return 'DONE' end
if (next or '') ~= ARGV[2] then return 'OFFSET' end
local at = 4
local function count()
  local n = tonumber(ARGV[at])
  at = at + 1
  return n
end
local piece = 1000
local meta = count() * 2
local metaFrom = at
at = at + meta
local stores = count()
local pairs_, wakes, asleep, scores = {}, {}, {}, {}
local function flush(command, key, list)
  if #list > 0 then
    if key then redis.call(command, key, unpack(list)) else redis.call(command, unpack(list)) end
  end
end
local key = 8
for i = 1, stores do
  local subject, state, wake, score = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  at = at + 4
  pairs_[#pairs_ + 1] = KEYS[key]
  pairs_[#pairs_ + 1] = state
  key = key + 1
  if wake == '0' then
    asleep[#asleep + 1] = subject
  else
    wakes[#wakes + 1] = wake
    wakes[#wakes + 1] = subject
  end
  scores[#scores + 1] = score
  scores[#scores + 1] = subject
  if i % piece == 0 or i == stores then
    flush('MSET', nil, pairs_)
    flush('ZADD', KEYS[2], wakes)
    flush('ZREM', KEYS[2], asleep)
    flush('ZADD', KEYS[3], scores)
    pairs_, wakes, asleep, scores = {}, {}, {}, {}
  end
end
for _ = 1, count() do
  redis.call('DEL', KEYS[key])
  redis.call('ZREM', KEYS[2], ARGV[at])
  redis.call('ZREM', KEYS[3], ARGV[at])
  key = key + 1
  at = at + 1
end
for sums = 4, 5 do
  for _ = 1, count() do
    redis.call('HINCRBY', KEYS[sums], ARGV[at], ARGV[at + 1])
    at = at + 2
  end
end
for hash = 6, 7 do
  for _ = 1, count() do
    if ARGV[at + 1] == '' then
      redis.call('HDEL', KEYS[hash], ARGV[at])
    else
      redis.call('HSET', KEYS[hash], ARGV[at], ARGV[at + 1])
    end
    at = at + 2
  end
end
if meta > 0 then redis.call('HSET', KEYS[1], unpack(ARGV, metaFrom, metaFrom + meta - 1)) end
redis.call('HSET', KEYS[1], 'next', ARGV[3])
return 'OK'
