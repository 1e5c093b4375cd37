--[[ Notes the id of a posted page under its message, whatever the epoch: a late answer still tells what is visible.
KEYS 1 journal · ARGV 1 message id · 2 page index · 3 page id
Returns the id that counts for the page: another one when it was posted twice; "" when the turn is over. ]]
if redis.call("HGET", KEYS[1], "id") ~= ARGV[1] then return "" end
local known = redis.call("HGET", KEYS[1], "page:" .. ARGV[2])
if known then return known end
redis.call("HSET", KEYS[1], "page:" .. ARGV[2], ARGV[3])
redis.call("HDEL", KEYS[1], "intent:" .. ARGV[2])
return ARGV[3]
