--[[ Notes the id of a posted page under its message, whatever the epoch: a late answer still tells what is visible.
KEYS 1 journal · 2 moved · ARGV 1 message id · 2 page index · 3 page id · 4 prefix of journals, for one that has moved
Returns the id that counts for the page: another one when it was posted twice; "" when the turn is over. ]]
local moved = redis.call("GET", KEYS[2])
local journal = moved and ARGV[4] .. moved or KEYS[1]
if redis.call("HGET", journal, "id") ~= ARGV[1] then return "" end
local known = redis.call("HGET", journal, "page:" .. ARGV[2])
if known then return known end
redis.call("HSET", journal, "page:" .. ARGV[2], ARGV[3])
redis.call("HDEL", journal, "intent:" .. ARGV[2])
return ARGV[3]
