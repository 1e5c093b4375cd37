--[[ Begins the last answered turn again: its messages wait once more under their own ids, its journal names the pages that are
there, and the history no longer holds what was said. Once per command.
KEYS 1 journal · 2 inbox · 3 messages · 4 pending · 5 history · 6 history start · 7 stop · 8 answered
ARGV 1 command id · 2 author · 3 "1": may do so with other people's answers too · 4 conversation · 5 prefix of repairs
     6 seconds a journal lives
Returns "started" · "running" · "foreign" · "nothing". ]]
-- include redis-time
local running = redis.call("HMGET", KEYS[1], "id", "retriedBy")
if running[1] then return running[2] == ARGV[1] and "started" or "running" end
local kept = {}
local fields = redis.call("HGETALL", KEYS[8])
for i = 1, #fields, 2 do kept[fields[i]] = fields[i + 1] end
if kept.retriedBy == ARGV[1] then return "started" end
if redis.call("ZCARD", KEYS[2]) > 0 then return "running" end
local start = tonumber(redis.call("GET", KEYS[6]) or "-9007199254740991")
if not kept.id or tonumber(kept.order) < start then return "nothing" end
local asks = kept.author == ARGV[2] or string.find(kept.also or "", " " .. ARGV[2] .. " ", 1, true)
if not asks and ARGV[3] ~= "1" then return "foreign" end

local orders = {}
for name, json in pairs(kept) do
  local part = string.match(name, "^message:(.*)$")
  if part and json ~= "" then
    local order = string.format("%.0f", cjson.decode(json).order)
    orders[order] = true
    redis.call("HSET", KEYS[3], part, json)
    if kept["edit:" .. part] ~= "" then redis.call("HSET", KEYS[3], "edit:" .. part, kept["edit:" .. part]) end
    redis.call("ZADD", KEYS[2], order, part)
  end
end
redis.call("DEL", KEYS[1])
for _, name in ipairs({ "id", "parts", "joined", "elsewhere" }) do
  if kept[name] then redis.call("HSET", KEYS[1], name, kept[name]) end
end
if kept.also then redis.call("HSET", KEYS[1], "also", kept.also) end
for name, id in pairs(kept) do
  if string.match(name, "^page:%d+$") then redis.call("HSET", KEYS[1], name, id) end
end
redis.call("HSET", KEYS[1], "holder", "", "retriedBy", ARGV[1])
redis.call("EXPIRE", KEYS[1], ARGV[6])
local said = {}
for _, row in ipairs(redis.call("LRANGE", KEYS[5], -64, -1)) do
  local order = string.match(row, "^%d+:(%-?%d+):")
  if orders[order] then
    redis.call("LREM", KEYS[5], -1, row)
    table.insert(said, row)
  end
end
-- Until there is something new, what was said can be had back.
if #said > 0 then redis.call("HSET", KEYS[1], "said", cjson.encode(said)) end
-- Neither an earlier request to stop nor the repair of the earlier text is about what comes now.
if string.match(redis.call("GET", KEYS[7]) or "", "^%S*") == kept.id then redis.call("DEL", KEYS[7]) end
redis.call("DEL", ARGV[5] .. kept.id)
redis.call("ZADD", KEYS[4], "NX", now, ARGV[4])
return "started"
