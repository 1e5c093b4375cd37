--[[ Tries each kind of write that accepting and answering take: a PING lies when Redis is full, one SET where rights are missing.
KEYS 1 probe
Returns nothing; fails as the first refused write does, and leaves nothing. ]]
-- First one that needs memory: after any other write Redis lets a script go on when it is full.
redis.call("SET", KEYS[1], "1", "EX", 60)
redis.call("DEL", KEYS[1])
local writes = {
  { "HSET", "1", "1" },
  { "HINCRBY", "1", "1" },
  { "ZADD", "1", "1" },
  { "RPUSH", "1" },
  { "LPUSH", "1" },
  { "SADD", "1" },
  { "XADD", "*", "1", "1" },
  { "INCR" },
}
for _, write in ipairs(writes) do
  redis.call(write[1], KEYS[1], unpack(write, 2))
  redis.call("DEL", KEYS[1])
end
