--[[ Takes the newest change of a scope back that is not taken back yet, and records that; once per command.
KEYS 1 settings of the scope · 2 record of changes · 3 the command's mark
ARGV 1 the new record's JSON without name, from and to · 2 how many records are kept · 3 seconds to remember the command
     4 the name whose changes are passed over, "" = none
Returns the JSON of the change taken back; "" when there is none ]]
local before = redis.call("GET", KEYS[3])
if before then return before end

local taken = ""
local records = redis.call("LRANGE", KEYS[2], 0, -1)
for i = 1, #records do
  local change = cjson.decode(records[i])
  if not change.undo and not change.undone and change.name ~= ARGV[4] then
    local now = redis.call("HGET", KEYS[1], change.name) or ""
    if change.from == "" then
      redis.call("HDEL", KEYS[1], change.name)
    else
      redis.call("HSET", KEYS[1], change.name, change.from)
    end
    taken = records[i]
    change.undone = true
    redis.call("LSET", KEYS[2], i - 1, cjson.encode(change))
    local record = cjson.decode(ARGV[1])
    record.name = change.name
    record.from = now
    record.to = change.from
    record.undo = true
    redis.call("LPUSH", KEYS[2], cjson.encode(record))
    redis.call("LTRIM", KEYS[2], 0, ARGV[2] - 1)
    break
  end
end
redis.call("SET", KEYS[3], taken, "EX", ARGV[3])
return taken
