--[[ Makes durable what was said in a thread before the bot was asked there, before the model is.
KEYS 1 journal · 2 background
ARGV 1 message id · 2 epoch · 3 messages JSON · 4 seconds
Returns 1, or 0 when a newer run has the turn. ]]
local journal = redis.call("HMGET", KEYS[1], "id", "epoch")
if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] then return 0 end
redis.call("SET", KEYS[2], ARGV[3], "EX", ARGV[4])
return 1
