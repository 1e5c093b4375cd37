--[[ Makes whoever knows the one-time code an owner, once.
Wrong guesses are counted: after too many the code is void until the next start offers a new one.
KEYS 1 owner code · 2 owners · ARGV 1 code · 2 person · 3 how many wrong guesses void the code
Returns 1 when the code was right. ]]
local code = redis.call("HGET", KEYS[1], "code")
if not code then return 0 end
if code ~= ARGV[1] then
  if redis.call("HINCRBY", KEYS[1], "wrong", 1) >= tonumber(ARGV[3]) then redis.call("DEL", KEYS[1]) end
  return 0
end
redis.call("DEL", KEYS[1])
redis.call("SADD", KEYS[2], ARGV[2])
return 1
