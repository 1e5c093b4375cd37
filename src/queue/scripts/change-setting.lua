--[[ Sets or removes one setting of one scope and records the change; once per command, however often it is carried out.
KEYS 1 settings of the scope · 2 record of changes · 3 the command's mark
ARGV 1 setting · 2 value as JSON, "" = remove · 3 the record's JSON without from and to · 4 how many records are kept
     5 seconds to remember the command
Returns {"changed", value before or ""} · {"same", ""}; for a command carried out before what it returned then ]]
local before = redis.call("GET", KEYS[3])
if before then return cjson.decode(before) end

local from = redis.call("HGET", KEYS[1], ARGV[1]) or ""
local outcome = { "same", "" }
if from ~= ARGV[2] then
  if ARGV[2] == "" then redis.call("HDEL", KEYS[1], ARGV[1]) else redis.call("HSET", KEYS[1], ARGV[1], ARGV[2]) end
  local record = cjson.decode(ARGV[3])
  record.name = ARGV[1]
  record.from = from
  record.to = ARGV[2]
  redis.call("LPUSH", KEYS[2], cjson.encode(record))
  redis.call("LTRIM", KEYS[2], 0, ARGV[4] - 1)
  outcome = { "changed", from }
end
redis.call("SET", KEYS[3], cjson.encode(outcome), "EX", ARGV[5])
return outcome
