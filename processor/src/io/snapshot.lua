-- Copies the state of a partition as it is at one position.
-- KEYS: live meta, wake, all, totals, segments, groups, book; the copies in that order.
-- ARGV: live customer prefix, customer prefix of the copy.
-- Answers next of both, or false where nothing was ever folded.
for i = 1, 7 do
  redis.call('UNLINK', KEYS[7 + i])
  redis.call('COPY', KEYS[i], KEYS[7 + i])
end
for _, subject in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  redis.call('COPY', ARGV[1] .. subject, ARGV[2] .. subject, 'REPLACE')
end
return redis.call('HGET', KEYS[1], 'next')
