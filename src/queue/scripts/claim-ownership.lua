--[[ Makes whoever knows the one-time code an owner, once.
Wrong guesses are counted: after too many the code is void until the next start offers a new one.
KEYS 1 owner code · 2 owners · ARGV 1 code · 2 person · 3 how many wrong guesses void the code · 4 command id
Returns 1 when the code was right; the command that has used it gets the same again. ]]
local code, used_by = unpack(redis.call("HMGET", KEYS[1], "code", "usedBy"))
if used_by == ARGV[4] then return 1 end
if not code then return 0 end
if code ~= ARGV[1] then
  if redis.call("HINCRBY", KEYS[1], "wrong", 1) >= tonumber(ARGV[3]) then redis.call("DEL", KEYS[1]) end
  return 0
end
redis.call("HSET", KEYS[1], "usedBy", ARGV[4])
redis.call("HDEL", KEYS[1], "code", "wrong")
redis.call("SADD", KEYS[2], ARGV[2])
return 1
