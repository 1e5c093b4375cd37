--[[ Asks the running turn to stop and drops what the same person has waiting; once per command, if one is named.
KEYS 1 journal · 2 inbox · 3 messages · 4 stop · 5 what the command came to, if there is one
ARGV 1 author · 2 "1": may stop other people's turns too · 3 order key: what was written after the request stays
     4 seconds the request is remembered · 5 id of the only turn that is meant, "" = any; then nothing is dropped
     6 prefix of seen keys · 7 conversation
Returns {id of the turn asked to stop or "", how many waiting messages were dropped, "1" if somebody else's turn runs on};
        for a command carried out before what it returned then ]]
local before = KEYS[5] and redis.call("HGET", KEYS[5], ARGV[7])
if before then return cjson.decode(before) end
local messages = KEYS[3]
-- include inbox-parts
local running = redis.call("HMGET", KEYS[1], "id", "author", "order", "parts", "also")
local runs = running_parts(running[1], running[4])
local id, foreign = "", ""
if ARGV[5] ~= "" and running[1] ~= ARGV[5] then return { "", 0, "" } end
-- What was asked after the request is not meant by it, however late the request is carried out.
if running[1] and tonumber(running[3] or "0") <= tonumber(ARGV[3]) then
  local asks = running[2] == ARGV[1] or string.find(running[5] or "", " " .. ARGV[1] .. " ", 1, true)
  if asks or ARGV[2] == "1" then
    id = running[1]
    redis.call("SET", KEYS[4], id, "EX", ARGV[4])
  else
    foreign = "1"
  end
end
local dropped = 0
-- Of a single answer that is meant, nothing waits.
local waits = ARGV[5] == "" and redis.call("ZRANGEBYSCORE", KEYS[2], "-inf", ARGV[3]) or {}
for _, waiting in ipairs(waits) do
  local content = content_of(waiting)
  if not runs[waiting] and content and author_of(content) == ARGV[1] and content.answer then
    redis.call("ZREM", KEYS[2], waiting)
    redis.call("HDEL", messages, waiting, "edit:" .. waiting)
    redis.call("SET", ARGV[6] .. waiting, "=dropped", "XX", "KEEPTTL")
    if not content.onlyAsPart then dropped = dropped + 1 end
  end
end
local outcome = { id, dropped, foreign }
if KEYS[5] and (id ~= "" or dropped > 0) then
  redis.call("HSET", KEYS[5], ARGV[7], cjson.encode(outcome))
  redis.call("EXPIRE", KEYS[5], ARGV[4])
end
return outcome
