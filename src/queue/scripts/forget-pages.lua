--[[ Forgets the pages of a reply from one on: they are gone, and are to be posted anew.
KEYS 1 journal · ARGV 1 message id · 2 epoch · 3 index of the first · 4 index from which on no pages are noted
Returns 1, or 0 when a newer run has the turn. ]]
local journal = redis.call("HMGET", KEYS[1], "id", "epoch")
if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] then return 0 end
for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
  -- page:0, intent:0, posts:0, again:0
  local index = tonumber(string.match(field, "^%a+:(%d+)$") or "-1")
  if index >= tonumber(ARGV[3]) and index < tonumber(ARGV[4]) then redis.call("HDEL", KEYS[1], field) end
end
redis.call("HDEL", KEYS[1], "finals")
return 1
