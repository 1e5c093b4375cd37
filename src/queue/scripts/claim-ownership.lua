--[[ Makes whoever knows the one-time code an owner, once.
KEYS 1 owner code · 2 owners · ARGV 1 code · 2 person
Returns 1 when the code was right. ]]
if ARGV[1] == "" or redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("DEL", KEYS[1])
redis.call("SADD", KEYS[2], ARGV[2])
return 1
