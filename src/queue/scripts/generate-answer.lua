--[[ Makes the final text durable; from here on no run calls the model again.
KEYS 1 journal · 2 pending
ARGV 1 message id · 2 epoch · 3 conversation · 4 answer JSON · 5 seconds a journal lives
Returns 1, or 0 when a newer run has the turn. ]]
local journal = redis.call("HMGET", KEYS[1], "id", "epoch")
if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[1], "state", "generated", "answer", ARGV[4])
redis.call("EXPIRE", KEYS[1], ARGV[5])
local time = redis.call("TIME")
redis.call("ZADD", KEYS[2], "XX", time[1] * 1000 + math.floor(time[2] / 1000), ARGV[3])
return 1
