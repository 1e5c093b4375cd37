--[[ A conversation goes on under another id: its history, waiting messages, running turn and settings go along, in front
of what is there already. Repeatable: whatever has come under the old id since goes along then. A running turn is the
next run's; where the new id has one of its own, the old one begins anew among the waiting messages.
KEYS 1 moved(from) · 2 formerly(to) · 3 pending
     from: 4 journal · 5 inbox · 6 messages · 7 history · 8 history start · 9 stop · 10 away · 11 settings · 12 changes
     to: 13 journal · 14 inbox · 15 messages · 16 history · 17 history start · 18 stop · 19 away · 20 settings · 21 changes
     22 answered(from) · 23 answered(to)
ARGV 1 from · 2 to · 3 by how much what was said under the old id is earlier, in order keys · 4 seconds to remember the move
     5 how many history entries go along at most · 6 seconds history lives · 7 epoch of the run that asks and ends, "" = none
     8 ms within which every live run has said that it lives
Returns 1 the first time, then 0. ]]
-- include redis-time
local first = redis.call("EXISTS", KEYS[1]) == 0
redis.call("SET", KEYS[1], ARGV[2], "EX", ARGV[4])
redis.call("SET", KEYS[2], ARGV[1])

local function earlier(order)
  return string.format("%.0f", tonumber(order) - tonumber(ARGV[3]))
end
local function earlierRow(tokens, order)
  return tokens .. ":" .. earlier(order) .. ":"
end
-- Text in JSON has its quotes escaped, so that only real fields are found.
local named = '"conversation":"' .. string.gsub(ARGV[1], "%p", "%%%0") .. '"'
local renamed = '"conversation":"' .. string.gsub(ARGV[2], "%%", "%%%%") .. '"'
local function asMoved(message)
  local text = string.gsub(message, named, renamed)
  return (string.gsub(text, '"order":(%-?%d+)', function(order) return '"order":' .. earlier(order) end))
end
local function renameUnlessThere(from, to)
  if redis.call("EXISTS", from) == 0 then return end
  if redis.call("EXISTS", to) == 0 then redis.call("RENAME", from, to) else redis.call("DEL", from) end
end

local running = redis.call("HGET", KEYS[4], "id")
if running then
  if redis.call("HEXISTS", KEYS[6], running) == 1 and not redis.call("HGET", KEYS[13], "id") then
    redis.call("DEL", KEYS[13])
    redis.call("RENAME", KEYS[4], KEYS[13])
    local journal = redis.call("HMGET", KEYS[13], "order", "answer", "state", "holder", "epoch")
    redis.call("HSET", KEYS[13], "order", earlier(journal[1] or 0))
    if journal[2] then
      local answer = string.gsub(journal[2], '"question":"(%d+):(%-?%d+):', function(tokens, order)
        return '"question":"' .. earlierRow(tokens, order)
      end)
      redis.call("HSET", KEYS[13], "answer", answer)
    end
    local said = redis.call("HGET", KEYS[13], "said")
    if said then
      local rows = cjson.decode(said)
      for i, row in ipairs(rows) do rows[i] = string.gsub(row, "^(%d+):(%-?%d+):", earlierRow) end
      redis.call("HSET", KEYS[13], "said", cjson.encode(rows))
    end
    -- Nobody's failure: the try does not count.
    if journal[4] ~= "" and journal[3] ~= "generated" then redis.call("HINCRBY", KEYS[13], "tries", -1) end
    if journal[5] == ARGV[7] then
      redis.call("HSET", KEYS[13], "holder", "")
    else
      -- A run that has just begun has not said yet that it lives, and no lock keeps it from the next one any more.
      redis.call("HSET", KEYS[13], "notBefore", now + ARGV[8])
    end
  else
    redis.call("DEL", KEYS[4])
  end
end

local waiting = redis.call("ZRANGE", KEYS[5], 0, -1, "WITHSCORES")
for i = 1, #waiting, 2 do
  local message = redis.call("HGET", KEYS[6], waiting[i])
  if message then
    redis.call("HSET", KEYS[15], waiting[i], asMoved(message))
    redis.call("ZADD", KEYS[14], earlier(waiting[i + 1]), waiting[i])
    local edit = redis.call("HGET", KEYS[6], "edit:" .. waiting[i])
    if edit then redis.call("HSET", KEYS[15], "edit:" .. waiting[i], edit) end
  end
end
redis.call("DEL", KEYS[5], KEYS[6])

local rows = redis.call("LRANGE", KEYS[7], -tonumber(ARGV[5]), -1)
for i = #rows, 1, -1 do
  local row = string.gsub(rows[i], "^(%d+):(%-?%d+):", earlierRow)
  redis.call("LPUSH", KEYS[16], row)
end
if #rows > 0 then redis.call("EXPIRE", KEYS[16], ARGV[6]) end
redis.call("DEL", KEYS[7])

local start = redis.call("GET", KEYS[8])
if start and redis.call("EXISTS", KEYS[17]) == 0 then
  redis.call("SET", KEYS[17], earlier(start), "EX", ARGV[6])
end
redis.call("DEL", KEYS[8])
for i = 9, 12 do renameUnlessThere(KEYS[i], KEYS[i + 9]) end
-- Its pages stay in the chat that was: given again, the answer is posted anew.
if redis.call("EXISTS", KEYS[23]) == 0 then
  local fields = redis.call("HGETALL", KEYS[22])
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if name == "order" then value = earlier(value) end
    if string.match(name, "^message:") then value = asMoved(value) end
    if not string.match(name, "^page:") and name ~= "elsewhere" then redis.call("HSET", KEYS[23], name, value) end
  end
  if #fields > 0 then redis.call("EXPIRE", KEYS[23], ARGV[6]) end
end
redis.call("DEL", KEYS[22])

redis.call("ZREM", KEYS[3], ARGV[1])
if redis.call("ZCARD", KEYS[14]) > 0 then
  redis.call("ZADD", KEYS[3], "NX", now, ARGV[2])
end
return first and 1 or 0
