-- The link of a delivery was opened in a browser; the first time counts.
-- KEYS: row.  ARGV: alert, now.  Answers 1, or 0 when it tells of no such alert.
local alerts = redis.call('HGET', KEYS[1], 'alerts')
if not alerts then return 0 end
for alert in string.gmatch(alerts, '[^\n]+') do
  if alert == ARGV[1] then
    redis.call('HSETNX', KEYS[1], 'seenAt', ARGV[2])
    return 1
  end
end
return 0
