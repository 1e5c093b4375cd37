--[[ Ends a turn, once: history gets its entries, the message and its parts leave the inbox, the journal keeps
only the id and when the turn ended.
KEYS 1 journal · 2 inbox · 3 messages · 4 pending · 5 history · 6 settle · 7 dead letters
     8 the chat's running threads · 9 background · 10 answered
ARGV 1 message id · 2 epoch · 3 conversation · 4 seconds history lives · 5 entries written before this ms are dropped
     6 seconds a journal lives · 7 repair JSON or "" · 8 seconds a repair lives · 9 dead letter JSON or ""
     10 dead letters kept · 11 "1": the message began its thread · 12 what the turn came to · 13 prefix of seen keys
     14… history entries
Returns how many messages wait, -1 when a newer run has the turn. ]]
-- include redis-time
local messages = KEYS[3]
-- include inbox-parts
local journal = redis.call("HMGET", KEYS[1], "id", "epoch", "last", "parts", "late", "said")
if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] then
  if not journal[1] and journal[3] == ARGV[1] .. " " .. ARGV[2] then return redis.call("ZCARD", KEYS[2]) end
  return -1
end
if ARGV[11] == "1" then redis.call("SET", KEYS[9], '{"v":1,"messages":[]}', "NX", "EX", ARGV[4]) end
if ARGV[12] == "kept" and journal[6] then
  for _, row in ipairs(cjson.decode(journal[6])) do redis.call("RPUSH", KEYS[5], row) end
  redis.call("EXPIRE", KEYS[5], ARGV[4])
end
if #ARGV > 13 then
  for i = 14, #ARGV do redis.call("RPUSH", KEYS[5], ARGV[i]) end
  for _ = 1, 8 do
    local oldest = redis.call("LINDEX", KEYS[5], 0)
    local at = oldest and tonumber(string.match(oldest, "^%d+:%-?%d+:(%d+):"))
    if not at or at >= tonumber(ARGV[5]) then break end
    redis.call("LPOP", KEYS[5])
  end
  redis.call("EXPIRE", KEYS[5], ARGV[4])
  redis.call("EXPIRE", KEYS[9], ARGV[4])
end
if ARGV[7] ~= "" then redis.call("SET", KEYS[6], ARGV[7], "EX", ARGV[8]) end
if ARGV[9] ~= "" then
  redis.call("LPUSH", KEYS[7], ARGV[9])
  redis.call("LTRIM", KEYS[7], 0, ARGV[10] - 1)
end

-- What it takes to give the answer again on the same pages. A turn without pages leaves the last one that had some.
local function keep_answered()
  local kept, has_pages = { "id", ARGV[1] }, false
  local fields = redis.call("HGETALL", KEYS[1])
  for i = 1, #fields, 2 do
    local name, page = fields[i], string.match(fields[i], "^page:(%d%d?%d?)$")
    has_pages = has_pages or page
    if page or name == "parts" or name == "joined" or name == "author" or name == "also" or name == "order"
      or name == "elsewhere" or name == "retriedBy" then
      table.insert(kept, name)
      table.insert(kept, fields[i + 1])
    end
  end
  if not has_pages or journal[5] then return end
  for part in pairs(running_parts(ARGV[1], journal[4])) do
    local stored = redis.call("HMGET", messages, part, "edit:" .. part)
    for _, field in ipairs({ "message:" .. part, stored[1] or "", "edit:" .. part, stored[2] or "" }) do
      table.insert(kept, field)
    end
  end
  redis.call("DEL", KEYS[10])
  redis.call("HSET", KEYS[10], unpack(kept))
  redis.call("EXPIRE", KEYS[10], ARGV[4])
end
keep_answered()

redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "last", ARGV[1] .. " " .. ARGV[2], "ended", now)
redis.call("EXPIRE", KEYS[1], ARGV[6])
for part in pairs(running_parts(ARGV[1], journal[4])) do
  redis.call("ZREM", KEYS[2], part)
  redis.call("HDEL", messages, part, "edit:" .. part)
  redis.call("SET", ARGV[13] .. part, "=" .. ARGV[12], "XX", "KEEPTTL")
end
redis.call("SREM", KEYS[8], ARGV[3])
local waiting = redis.call("ZCARD", KEYS[2])
if waiting == 0 then
  redis.call("ZREM", KEYS[4], ARGV[3])
else
  redis.call("ZADD", KEYS[4], now, ARGV[3])
end
return waiting
