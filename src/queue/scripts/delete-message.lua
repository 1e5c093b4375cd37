--[[ Takes a message back: one that waits is gone without a word, one whose answer runs is asked to stop.
A deletion that comes before its message is remembered as if the message had been there.
KEYS 1 seen · 2 inbox · 3 messages · 4 journal · 5 stop · 6 edit
ARGV 1 message id · 2 seconds to remember the id, "" = its message will not come · 3 seconds the request to stop is kept
     4 channel of requests to stop
Returns "running", "waiting" or "nothing". ]]
local messages = KEYS[3]
-- include inbox-parts
local journal = redis.call("HMGET", KEYS[4], "id", "parts", "joined")
if running_parts(journal[1], journal[2])[ARGV[1]] then
  -- Others are answered together with it.
  if journal[3] then return "nothing" end
  local request = journal[1] .. " deleted"
  redis.call("SET", KEYS[5], request, "EX", ARGV[3])
  redis.call("PUBLISH", ARGV[4], request)
  return "running"
end
if ARGV[2] ~= "" then redis.call("SET", KEYS[1], "1", "NX", "EX", ARGV[2]) end
redis.call("DEL", KEYS[6])
redis.call("HDEL", messages, ARGV[1], "edit:" .. ARGV[1])
return redis.call("ZREM", KEYS[2], ARGV[1]) == 1 and "waiting" or "nothing"
