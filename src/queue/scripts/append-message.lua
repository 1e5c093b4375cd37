--[[ Accepts one message into its conversation's inbox, once, if it is within the limits on what waits. Where it is set so, it
stops the answer to what the same person has asked before.
KEYS 1 seen · 2 inbox · 3 messages · 4 pending · 5 part · 6 journal · 7 edit · 8 stop · 9 person's rate · 10 conversation's rate
     11 person's waiting messages · 12 the person was told of too much · 13 how long others waited · 14 the conversation was told
     15… settings, widest scope first
ARGV 1 message id · 2 order key · 3 message JSON · 4 seconds to remember the id · 5 conversation
     6 seconds to remember that the bot takes part, "" = it does not by this message
     7 "1": it must follow the part of a text that still waits, "" = it is taken by itself
     8 seconds the request to stop is kept · 9 channel of requests to stop
     10–15 the limits, 0 = none (see overload) · 16 what it counts towards the rates, "" = no limit holds for it
     17 ms in which nobody is told twice of too much
     18 "nobody" or "others": it calls them and not the bot, and is only accepted as a part, or by setting; else ""
     19 "1": the conversation is a thread of its chat
     20 the key of other bots' messages here, "" = it is a person's · 21 how many of them · 22 within and for how many ms
     23 ms within which a text's next part follows
Returns 1 when accepted, 2 when that is by setting, and somebody is to be woken, 3 when the answer before it is to stop, 0 when
the id was seen before or the part that it would belong to does not wait, else the limit that it is beyond, when that is to be
told; "" when it is not. ]]
-- include redis-time
local messages = KEYS[3]
-- include inbox-parts
-- include setting

local function follows_waiting_part()
  local journal = redis.call("HMGET", KEYS[6], "id", "parts")
  local running = running_parts(journal[1], journal[2])
  local message = cjson.decode(ARGV[3])
  for _, id in ipairs(redis.call("ZREVRANGEBYSCORE", KEYS[2], ARGV[2], "-inf", "LIMIT", 0, 16)) do
    local earlier = content_of(id)
    if id ~= ARGV[1] and author_of(earlier) == author_of(message) then
      if running[id] then return false end
      return continues(earlier, message, tonumber(ARGV[23])) or of_one_album(earlier, message)
    end
  end
  return false
end
-- include overload

local function is_wanted()
  if ARGV[18] == "" then return false end
  if ARGV[19] ~= "1" then return setting_of("groups", 15) == '"all"' end
  local threads = setting_of("threads", 15)
  local fits = threads == '"all"' or (threads == '"threads"' and ARGV[18] == "nobody")
  return fits and redis.call("EXISTS", KEYS[5]) == 1
end

local json, wanted = ARGV[3], is_wanted()
-- What holds for the whole conversation is told by the first who may use the bot, and who does shows later: so everybody who
-- is beyond it is asked for once, until it is told.
local function is_to_tell(beyond)
  -- Who did not speak to the bot is not told either.
  if wanted then return false end
  if string.sub(beyond, 1, 6) ~= "person" then
    return redis.call("EXISTS", KEYS[14]) == 0 and redis.call("SET", KEYS[12], "place", "NX", "PX", ARGV[17])
  end
  if redis.call("GET", KEYS[12]) == "1" then return false end
  return redis.call("SET", KEYS[12], "1", "PX", ARGV[17])
end

-- Text in JSON has its quotes escaped, so that only the real field is found.
if wanted then json = string.gsub(json, ',"onlyAsPart":true', "") end
local is_tail = ARGV[7] ~= "" and not wanted
if is_tail and not follows_waiting_part() then return 0 end
local seen = redis.call("GET", KEYS[1])
-- Delivered again, what was too much is so still, and is told if that may have been lost.
if seen then return (seen == "1" or string.sub(seen, 1, 1) == "=") and 0 or seen end
local beyond = ARGV[16] ~= "" and not is_tail and overload()
if beyond then
  if not is_to_tell(beyond) then beyond = "" end
  redis.call("SET", KEYS[1], beyond, "EX", ARGV[4])
  return beyond
end
redis.call("HSET", messages, ARGV[1], string.format('{"acceptedAtMs":%.0f,', now) .. string.sub(json, 2))
redis.call("ZADD", KEYS[2], ARGV[2], ARGV[1])
redis.call("ZADD", KEYS[4], "NX", now, ARGV[5])
if ARGV[6] ~= "" then redis.call("SET", KEYS[5], "1", "EX", ARGV[6]) end
local edit = redis.call("GET", KEYS[7])
if edit then
  redis.call("HSET", messages, "edit:" .. ARGV[1], edit)
  redis.call("DEL", KEYS[7])
end

local function overtake()
  local running = redis.call("HMGET", KEYS[6], "id", "author", "order", "state")
  local message = cjson.decode(json)
  if not running[1] or running[4] == "generated" or running[2] ~= author_of(message) then return false end
  if not message.answer or message.onlyAsPart or tonumber(running[3]) >= message.order then return false end
  -- Whoever has stopped it already had another reason.
  local asked = redis.call("GET", KEYS[8]) or ""
  if string.match(asked, "^%S*") == running[1] then return false end
  redis.call("SET", KEYS[8], running[1] .. " overtaken", "EX", ARGV[8])
  redis.call("PUBLISH", ARGV[9], running[1] .. " overtaken")
  return true
end
local overtakes = setting_of("overlap", 15) == '"interrupt"' and overtake()
-- Last: a script that Redis refuses midway (a right that is missing) is not undone, and is to be done again.
redis.call("SET", KEYS[1], "1", "EX", ARGV[4])
return overtakes and 3 or wanted and 2 or 1
