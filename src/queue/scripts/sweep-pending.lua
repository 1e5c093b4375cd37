--[[ Finds conversations without progress and moves their scores, so that no two sweepers wake the same ones.
KEYS 1 pending · ARGV 1 ms without progress · 2 how many at most
Returns the conversations. ]]
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stale = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now - ARGV[1], "LIMIT", 0, ARGV[2])
for _, conversation in ipairs(stale) do redis.call("ZADD", KEYS[1], now, conversation) end
return stale
