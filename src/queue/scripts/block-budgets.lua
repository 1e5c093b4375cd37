--[[ Closes a flood budget after a refusal and makes it go slower; a longer block that is already there stays. Two budgets of
the same wider one that are refused within a second mean the wider one.
KEYS 1 budget · 2 the wider one, absent where there is none · ARGV 1 ms · 2 how near two refusals must be, ms
Returns nothing. ]]
-- include redis-time
-- include budget-pace
local till = now + tonumber(ARGV[1])
local function close(key)
  local budget = redis.call("HMGET", key, "blocked", "slow", "slowSince")
  local blocked = tonumber(budget[1] or "0")
  -- Calls that were on their way already say nothing new.
  if blocked <= now then
    local slow = math.min(slowest, 1.5 * slowness(budget[2], budget[3], now))
    redis.call("HSET", key, "slow", string.format("%.3f", slow), "slowSince", now)
  end
  if blocked < till then redis.call("HSET", key, "blocked", till) end
  redis.call("PEXPIRE", key, math.max(math.max(till, blocked) - now + 1000, 4 * halfLifeMs))
end
close(KEYS[1])
if not KEYS[2] then return end
local last = redis.call("HMGET", KEYS[2], "refused", "refusedAt")
redis.call("HSET", KEYS[2], "refused", KEYS[1], "refusedAt", now)
redis.call("PEXPIRE", KEYS[2], math.max(tonumber(ARGV[2]), redis.call("PTTL", KEYS[2])))
if last[1] and last[1] ~= KEYS[1] and now - tonumber(last[2]) <= tonumber(ARGV[2]) then close(KEYS[2]) end
