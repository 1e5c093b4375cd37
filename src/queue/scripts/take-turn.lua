--[[ Takes the conversation's turn under a new epoch: the one that a journal names, else what stands first in the inbox,
with all parts that belong to it, with what is to be answered together, or with every other message that is late as it is.
The only step that asks for BullMQ's lock. Repeated with the same claim (a re-sent command) it changes nothing.
KEYS 1 journal · 2 inbox · 3 messages · 4 pending · 5 epoch · 6 job lock · 7 stop · 8 history · 9 history start
     10 the chat's running threads · 11 background · 12 away · 13 moved
     14 access · 15 admins · 16 owners · 17 the chat's former conversation · 18 how long others waited · 19… settings, widest scope first
ARGV 1 lock token · 2 claim · 3 worker · 4 prefix of alive keys (the recorded holder's is asked) · 5 conversation
     6 token budget of the context · 7 "1": a silent holder proves nothing yet · 8 seconds a journal lives
     9 "1": the conversation is a thread of its chat · 10 ms that a text waits for its next part · 11 ms that an album does
     12 ms after which to look for what ends a wait · 13 ms after which a question is late, 0 = never
     14 seconds within which nobody is told twice that the bot was away · 15 platform · 16 scope · 17 chat
     18 ms for which a wait says how others fare
Returns {"lost"} · {"moved", conversation} · {"empty"} · {"yield"} · {"wait", ms} · {"taken", epoch, questions, journal as field/value list,
        stop request or "", history entries newest first, order the history starts from, background JSON or "",
        standings of those who ask}; a question is a list of parts, a part {message JSON, edit or ""} ]]
if redis.call("GET", KEYS[6]) ~= ARGV[1] then return { "lost" } end
local moved = redis.call("GET", KEYS[13])
if moved then return { "moved", moved } end
local journal = redis.call("HMGET", KEYS[1], "id", "epoch", "holder", "claim", "state", "parts", "ended", "notBefore")
local id, holder, parts = journal[1], journal[3], journal[6]
-- include redis-time
local messages = KEYS[3]
local waits = { text = tonumber(ARGV[10]), album = tonumber(ARGV[11]), look = tonumber(ARGV[12]), late = tonumber(ARGV[13]) }
-- include inbox-parts
-- include choose-turn
-- include setting
local standing = {
  access = KEYS[14], admins = KEYS[15], owners = KEYS[16], formerly = KEYS[17],
  platform = ARGV[15], scope = ARGV[16], chat = ARGV[17],
}
-- include standing

local function drop(ids)
  for _, dropped in ipairs(ids) do
    redis.call("ZREM", KEYS[2], dropped)
    redis.call("HDEL", messages, dropped, "edit:" .. dropped)
  end
end

if id and redis.call("HEXISTS", messages, id) == 0 then id = nil end
if not id then
  local ids = redis.call("ZRANGE", KEYS[2], 0, look_ahead - 1)
  local groups, late = choose_turn(ids, tonumber(journal[7] or "0"), KEYS[12], drop, setting_of("overlap", 19))
  if not groups then
    if late then return { "wait", math.ceil(late) } end
    if redis.call("ZCARD", KEYS[2]) > 0 then return { "wait", 1 } end
    redis.call("ZREM", KEYS[4], ARGV[5])
    return { "empty" }
  end
  local waited = now - math.max(groups[1].lead.acceptedAtMs or now, tonumber(journal[7] or "0"))
  if not late and waited > 1000 then redis.call("SET", KEYS[18], math.floor(waited), "PX", ARGV[18]) end
  redis.call("DEL", KEYS[1])
  journal = {}
  holder = nil
  id = groups[1].lead_id
  local questions, also = {}, ""
  for _, group in ipairs(groups) do
    table.insert(questions, table.concat(group.ids, " "))
    if group.author ~= groups[1].author and group.lead.answer then also = also .. " " .. group.author .. " " end
    -- Of what was never to be answered nobody is told.
    if late and group.lead.answer then redis.call("SET", KEYS[12], "1", "EX", ARGV[14]) end
  end
  parts = table.concat(questions, "|")
  if parts ~= id then redis.call("HSET", KEYS[1], "parts", parts) end
  if late then redis.call("HSET", KEYS[1], "late", "1") end
  if #groups > 1 and not late then redis.call("HSET", KEYS[1], "joined", "1", "also", also) end
end

local epoch = journal[2]
if journal[4] ~= ARGV[2] then
  if holder and holder ~= "" then
    if now < tonumber(journal[8] or "0") then return { "yield" } end
    if ARGV[7] == "1" or redis.call("SISMEMBER", ARGV[4] .. holder, epoch) == 1 then return { "yield" } end
    redis.call("HSET", KEYS[1], "overtaken", "1")
    -- What the dead run saw as final may have been overwritten by its last call.
    redis.call("HDEL", KEYS[1], "finals")
  end
  epoch = redis.call("INCR", KEYS[5])
  local content = content_of(id)
  redis.call("HSET", KEYS[1], "id", id, "epoch", epoch, "holder", ARGV[3], "claim", ARGV[2],
    "author", author_of(content), "order", content and content.order or 0)
  if journal[5] ~= "generated" then redis.call("HINCRBY", KEYS[1], "tries", 1) end
  -- What is set when a turn begins holds to its end.
  if redis.call("HEXISTS", KEYS[1], "settings") == 0 then
    local layers, any = {}, false
    for i = 19, #KEYS do
      local layer = redis.call("HGETALL", KEYS[i])
      any = any or #layer > 0
      layers[#layers + 1] = layer
    end
    redis.call("HSET", KEYS[1], "settings", any and cjson.encode(layers) or "")
  end
  redis.call("EXPIRE", KEYS[1], ARGV[8])
  if ARGV[9] == "1" then
    redis.call("SADD", KEYS[10], ARGV[5])
    redis.call("EXPIRE", KEYS[10], ARGV[8])
  end
end
redis.call("ZADD", KEYS[4], now, ARGV[5])

-- From the tail until the budget is full: the cost does not depend on how long the history is.
local start = tonumber(redis.call("GET", KEYS[9]) or "-9007199254740991")
local budget, entries, last = tonumber(ARGV[6]), {}, -1
while budget > 0 do
  local chunk = redis.call("LRANGE", KEYS[8], last - 15, last)
  for i = #chunk, 1, -1 do
    local tokens, order = string.match(chunk[i], "^(%d+):(%-?%d+):")
    if tonumber(order) < start then budget = 0 end
    if budget <= 0 then break end
    budget = budget - tonumber(tokens)
    entries[#entries + 1] = chunk[i]
  end
  if #chunk < 16 then break end
  last = last - 16
end

local questions, standings, known = {}, {}, {}
for question in string.gmatch(parts or id, "[^|]+") do
  local stored = {}
  for part in string.gmatch(question, "[^ ]+") do
    local kept = redis.call("HMGET", messages, part, "edit:" .. part)
    if kept[1] then table.insert(stored, { kept[1], kept[2] or "" }) end
    local author = author_of(content_of(part))
    if not known[author] then table.insert(standings, standing_of(author)) end
    known[author] = true
  end
  if #stored > 0 then table.insert(questions, stored) end
end
return {
  "taken", tonumber(epoch), questions, redis.call("HGETALL", KEYS[1]), redis.call("GET", KEYS[7]) or "", entries,
  start, redis.call("GET", KEYS[11]) or "", standings,
}
