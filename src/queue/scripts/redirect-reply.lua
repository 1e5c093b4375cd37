--[[ A reply's place is gone: what was posted there is forgotten, and the next run begins anew at another.
KEYS 1 journal · ARGV 1 message id · 2 epoch · 3 the other place, as a conversation
Returns 1, or 0 when a newer run has the turn. ]]
local journal = redis.call("HMGET", KEYS[1], "id", "epoch")
if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] then return 0 end
for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
  -- page:0, intent:0, posts:0, again:0
  if string.match(field, "^%a+:%d+$") then redis.call("HDEL", KEYS[1], field) end
end
redis.call("HDEL", KEYS[1], "finals")
redis.call("HSET", KEYS[1], "elsewhere", ARGV[3], "shown", 0)
return 1
