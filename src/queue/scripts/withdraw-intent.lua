--[[ Takes back the intent of a post that surely did not happen.
KEYS 1 journal · ARGV 1 message id · 2 epoch · 3 page index
Returns nothing. ]]
local journal = redis.call("HMGET", KEYS[1], "id", "epoch")
if journal[1] == ARGV[1] and journal[2] == ARGV[2] then
  -- An earlier post of unknown end may be the one that is visible: its intent stays.
  if redis.call("HINCRBY", KEYS[1], "posts:" .. ARGV[3], -1) <= 0 then
    redis.call("HDEL", KEYS[1], "intent:" .. ARGV[3])
  end
end
