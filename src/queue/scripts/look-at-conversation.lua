--[[ What goes on in a conversation, and what became of one message. Changes nothing.
KEYS 1 journal · 2 inbox · 3 history · 4 history start · 5 seen(message that is asked about)
ARGV 1 message that is asked about, "" = none · 2 token budget of the context
Returns {author of the running turn or "", how many messages wait, tokens of the history that is told, place of the message among
those that wait (0 = it does not, -1 = it is being answered), what is remembered of it or ""} ]]
local messages = ""
-- include inbox-parts
local journal = redis.call("HMGET", KEYS[1], "id", "author", "parts")
local running, waiting, place = running_parts(journal[1], journal[3]), 0, 0
for _, id in ipairs(redis.call("ZRANGE", KEYS[2], 0, -1)) do
  if not running[id] then waiting = waiting + 1 end
  if id == ARGV[1] then place = running[id] and -1 or waiting end
end

local start = tonumber(redis.call("GET", KEYS[4]) or "-9007199254740991")
local left, tokens, last = tonumber(ARGV[2]), 0, -1
while left > tokens do
  local chunk = redis.call("LRANGE", KEYS[3], last - 15, last)
  for i = #chunk, 1, -1 do
    local of_row, order = string.match(chunk[i], "^(%d+):(%-?%d+):")
    if tonumber(order) < start or tokens + tonumber(of_row) > left then
      left = tokens
      break
    end
    tokens = tokens + tonumber(of_row)
  end
  if #chunk < 16 then break end
  last = last - 16
end
local seen = ARGV[1] ~= "" and redis.call("GET", KEYS[5]) or ""
return { journal[1] and (journal[2] or "?") or "", waiting, tokens, place, seen }
