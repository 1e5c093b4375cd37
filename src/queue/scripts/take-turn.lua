--[[ Takes the conversation's turn under a new epoch: the one that a journal names, else the inbox's first message.
The only step that asks for BullMQ's lock. Repeated with the same claim (a re-sent command) it changes nothing.
KEYS 1 journal · 2 inbox · 3 messages · 4 pending · 5 epoch · 6 job lock · 7 stop · 8 history · 9 history start
     10 the chat's running threads · 11 background
ARGV 1 lock token · 2 claim · 3 worker · 4 prefix of alive keys (the recorded holder's is asked) · 5 conversation
     6 token budget of the context · 7 "1": a silent holder proves nothing yet · 8 seconds a journal lives
     9 "1": the conversation is a thread of its chat
Returns {"lost"} · {"empty"} · {"yield"} · {"taken", epoch, message JSON, journal as field/value list, stop id or "",
        history entries newest first, order the history starts from, background JSON or ""} ]]
if redis.call("GET", KEYS[6]) ~= ARGV[1] then return { "lost" } end
local journal = redis.call("HMGET", KEYS[1], "id", "epoch", "holder", "claim", "state")
local id, holder = journal[1], journal[3]
if id and redis.call("HEXISTS", KEYS[3], id) == 0 then id = nil end

if not id then
  id = redis.call("ZRANGE", KEYS[2], 0, 0)[1]
  if not id then
    redis.call("ZREM", KEYS[4], ARGV[5])
    return { "empty" }
  end
  redis.call("DEL", KEYS[1])
  journal = {}
  holder = nil
end

local message = redis.call("HGET", KEYS[3], id)
local epoch = journal[2]
if journal[4] ~= ARGV[2] then
  if holder and holder ~= "" then
    if ARGV[7] == "1" or redis.call("SISMEMBER", ARGV[4] .. holder, epoch) == 1 then return { "yield" } end
    redis.call("HSET", KEYS[1], "overtaken", "1")
    -- What the dead run saw as final may have been overwritten by its last call.
    redis.call("HDEL", KEYS[1], "finals")
  end
  epoch = redis.call("INCR", KEYS[5])
  local readable, content = pcall(cjson.decode, message)
  redis.call("HSET", KEYS[1], "id", id, "epoch", epoch, "holder", ARGV[3], "claim", ARGV[2],
    "author", readable and content.author.id or "", "order", readable and content.order or 0)
  if journal[5] ~= "generated" then redis.call("HINCRBY", KEYS[1], "tries", 1) end
  redis.call("EXPIRE", KEYS[1], ARGV[8])
  if ARGV[9] == "1" then
    redis.call("SADD", KEYS[10], ARGV[5])
    redis.call("EXPIRE", KEYS[10], ARGV[8])
  end
end
local time = redis.call("TIME")
redis.call("ZADD", KEYS[4], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[5])

-- From the tail until the budget is full: the cost does not depend on how long the history is.
local start = tonumber(redis.call("GET", KEYS[9]) or "0")
local budget, entries, last = tonumber(ARGV[6]), {}, -1
while budget > 0 do
  local chunk = redis.call("LRANGE", KEYS[8], last - 15, last)
  for i = #chunk, 1, -1 do
    local tokens, order = string.match(chunk[i], "^(%d+):(%d+):")
    if tonumber(order) < start then budget = 0 end
    if budget <= 0 then break end
    budget = budget - tonumber(tokens)
    entries[#entries + 1] = chunk[i]
  end
  if #chunk < 16 then break end
  last = last - 16
end
return {
  "taken", tonumber(epoch), message, redis.call("HGETALL", KEYS[1]), redis.call("GET", KEYS[7]) or "", entries,
  start, redis.call("GET", KEYS[11]) or "",
}
