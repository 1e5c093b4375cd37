--[[ Gives a turn back: the next run need not wait for its holder, and this run's try does not count.
KEYS 1 journal
ARGV 1 message id · 2 epoch · 3 JSON of what is known of the pages · 4 "1": an edit may still land late
Returns nothing. ]]
local journal = redis.call("HMGET", KEYS[1], "id", "epoch", "holder", "state")
if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] or journal[3] == "" then return end
redis.call("HSET", KEYS[1], "holder", "", "finals", ARGV[3], "unsettled", ARGV[4])
if journal[4] ~= "generated" then redis.call("HINCRBY", KEYS[1], "tries", -1) end
