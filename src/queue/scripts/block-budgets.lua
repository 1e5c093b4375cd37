--[[ Closes flood budgets after a refusal; a longer block that is already there stays.
KEYS budgets · ARGV 1 ms
Returns nothing. ]]
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local till = now + tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
  if tonumber(redis.call("HGET", key, "blocked") or "0") < till then
    redis.call("HSET", key, "blocked", till)
    redis.call("PEXPIRE", key, math.max(till - now + 1000, redis.call("PTTL", key)))
  end
end
