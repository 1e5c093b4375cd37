--[[ Replaces the text of a message that still waits. Once its turn has begun nothing happens.
An edit that comes before its message waits for it. Of several edits the newest counts, in whatever order they come.
KEYS 1 seen · 2 messages · 3 journal · 4 edit
ARGV 1 message id · 2 version: higher is newer · 3 edit JSON · 4 seconds to wait for the message, "" = it will not come
Returns 1 when it counts, else 0. ]]
local messages = KEYS[2]
-- include inbox-parts

local function is_newer(than)
  local version = than and string.match(than, "^(%d+):")
  return not version or tonumber(version) <= tonumber(ARGV[2])
end

local edit = ARGV[2] .. ":" .. ARGV[3]
if redis.call("HEXISTS", messages, ARGV[1]) == 1 then
  local journal = redis.call("HMGET", KEYS[3], "id", "parts")
  if running_parts(journal[1], journal[2])[ARGV[1]] then return 0 end
  if not is_newer(redis.call("HGET", messages, "edit:" .. ARGV[1])) then return 0 end
  redis.call("HSET", messages, "edit:" .. ARGV[1], edit)
  return 1
end
if ARGV[4] == "" or redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
if not is_newer(redis.call("GET", KEYS[4])) then return 0 end
redis.call("SET", KEYS[4], edit, "EX", ARGV[4])
return 1
