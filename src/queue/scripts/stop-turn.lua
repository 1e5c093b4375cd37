--[[ Asks the running turn to stop and drops what the same person has waiting.
KEYS 1 journal · 2 inbox · 3 messages · 4 stop
ARGV 1 author · 2 "1": may stop other people's turns too · 3 order key: what was written after the request stays
     4 seconds the request is remembered · 5 id of the only turn that is meant, "" = any; then nothing is dropped
     6 prefix of seen keys
Returns {id of the turn asked to stop or "", how many waiting messages were dropped, "1" if somebody else's turn runs on} ]]
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
if ARGV[5] ~= "" then return { id, dropped, foreign } end
for _, waiting in ipairs(redis.call("ZRANGEBYSCORE", KEYS[2], "-inf", ARGV[3])) do
  local content = content_of(waiting)
  if not runs[waiting] and content and author_of(content) == ARGV[1] and content.answer then
    redis.call("ZREM", KEYS[2], waiting)
    redis.call("HDEL", messages, waiting, "edit:" .. waiting)
    redis.call("SET", ARGV[6] .. waiting, "=dropped", "XX", "KEEPTTL")
    if not content.onlyAsPart then dropped = dropped + 1 end
  end
end
return { id, dropped, foreign }
