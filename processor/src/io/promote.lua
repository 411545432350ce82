-- Makes the rebuilt state of a partition the live one, whole or not at all.
-- KEYS: live meta, wake, all, totals, segments, groups, book; the rebuilt ones in that order.
-- ARGV: live customer prefix, rebuilt customer prefix, next of the rebuilt state, new lease.
-- Answers OK, MOVED (the live state stands elsewhere) or OFFSET (the rebuilt one does).
-- Customer keys follow from the lists; all keys of a partition lie in one slot.
local live, made = redis.call('HGET', KEYS[1], 'next'), redis.call('HGET', KEYS[8], 'next')
if made ~= ARGV[3] then return 'OFFSET' end
if live and live ~= made then return 'MOVED' end
local skip = redis.call('HGET', KEYS[1], 'skip')
for _, subject in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  redis.call('UNLINK', ARGV[1] .. subject)
end
for _, subject in ipairs(redis.call('ZRANGE', KEYS[10], 0, -1)) do
  redis.call('RENAME', ARGV[2] .. subject, ARGV[1] .. subject)
end
for i = 1, 7 do
  if redis.call('EXISTS', KEYS[7 + i]) == 1 then
    redis.call('RENAME', KEYS[7 + i], KEYS[i])
  else
    redis.call('UNLINK', KEYS[i])
  end
end
-- Whoever held the partition is refused at its next commit, and claims again.
redis.call('HSET', KEYS[1], 'lease', ARGV[4])
if skip then redis.call('HSET', KEYS[1], 'skip', skip) end
return 'OK'
