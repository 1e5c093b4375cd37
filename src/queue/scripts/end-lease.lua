--[[ Gives a lease up if it is still ours.
KEYS 1 lease · ARGV 1 holder
Returns nothing. ]]
if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end
