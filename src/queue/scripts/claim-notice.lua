--[[ Lets one message a day show a notice: the first that asks, however often it asks again.
KEYS 1 today · ARGV 1 message id · 2 seconds
Returns 1 when the notice is the message's to show. ]]
if redis.call("SET", KEYS[1], ARGV[1], "NX", "EX", ARGV[2]) then return 1 end
return redis.call("GET", KEYS[1]) == ARGV[1] and 1 or 0
