--[[ Accepts one message into its conversation's inbox, once.
KEYS 1 seen · 2 inbox · 3 messages · 4 pending · 5 part
ARGV 1 message id · 2 order key · 3 message JSON · 4 seconds to remember the id · 5 conversation
     6 seconds to remember that the bot takes part, "" = it does not by this message
Returns 1 when accepted, 0 when the id was seen before. ]]
if not redis.call("SET", KEYS[1], "1", "NX", "EX", ARGV[4]) then return 0 end
redis.call("HSET", KEYS[3], ARGV[1], ARGV[3])
redis.call("ZADD", KEYS[2], ARGV[2], ARGV[1])
local time = redis.call("TIME")
redis.call("ZADD", KEYS[4], "NX", time[1] * 1000 + math.floor(time[2] / 1000), ARGV[5])
if ARGV[6] ~= "" then redis.call("SET", KEYS[5], "1", "EX", ARGV[6]) end
return 1
