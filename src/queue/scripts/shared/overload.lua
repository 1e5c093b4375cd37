-- Which limit a message is beyond; nil when it may wait, and then it is counted. Expects `now`, `messages`, KEYS 2 inbox,
-- 4 pending, 9 person's rate, 10 conversation's rate, 11 person's waiting messages, 13 how long others waited;
-- ARGV 1 message id, 5 conversation, 10 messages a minute of a person, 11 of a conversation, 12 messages of a person that wait,
-- 13 of a conversation, 14 conversations that wait, 15 ms that others may have waited, 16 what it counts towards the rates,
-- 20 the key of other bots' messages, "" = it is a person's, 21 how many of them, 22 within and for how many ms;
-- and `follows_waiting_part`.

-- So many messages are taken beyond the limits when they are the rest of something of which a part is in: half of it is
-- worse than nothing.
local parts_beyond = 32

local function rate_after(key, per_minute)
  local interval = 60000 / per_minute
  local known = tonumber(redis.call("GET", key) or "0")
  -- So far ahead nobody is let in: Redis' clock was set back.
  if known > now + 60000 + (parts_beyond + 1) * interval then known = now end
  local tat = math.max(now, known) + tonumber(ARGV[16]) * interval
  local over, spare = tat - now - 60000, parts_beyond * tonumber(ARGV[16]) * interval
  return tat, over > 0 and not (over <= spare and follows_waiting_part())
end

-- Turns end in many ways: that a message waits no more is looked for when it matters.
local function waiting_of_person(limit)
  local key = KEYS[11]
  if redis.call("ZCARD", key) < limit then return false end
  for _, member in ipairs(redis.call("ZRANGE", key, 0, -1)) do
    local its_messages, id = string.match(member, "^(%S+) (%S+)$")
    if redis.call("HEXISTS", its_messages, id) == 0 then redis.call("ZREM", key, member) end
  end
  return redis.call("ZCARD", key) >= limit
end

local function waiting_in_conversation(limit) return redis.call("ZCARD", KEYS[2]) >= limit end

local function bots_talk()
  local talk = redis.call("INCR", ARGV[20])
  -- The last one that counts begins the silence.
  if talk == 1 or talk == tonumber(ARGV[21]) + 1 then redis.call("PEXPIRE", ARGV[20], ARGV[22]) end
  return talk > tonumber(ARGV[21])
end

local function overload()
  if ARGV[20] ~= "" and bots_talk() then return "bots" end
  local limits = {}
  for i = 10, 15 do limits[i] = tonumber(ARGV[i]) end
  local person, conversation, beyond
  if limits[10] > 0 then
    person, beyond = rate_after(KEYS[9], limits[10])
    if beyond then return "person-rate" end
  end
  if limits[11] > 0 then
    conversation, beyond = rate_after(KEYS[10], limits[11])
    if beyond then return "conversation-rate" end
  end
  local function is_full(limit, counts)
    return limit > 0 and counts(limit) and not (follows_waiting_part() and not counts(limit + parts_beyond))
  end
  if is_full(limits[12], waiting_of_person) then return "person-waiting" end
  if is_full(limits[13], waiting_in_conversation) then return "conversation-waiting" end
  local is_new = not redis.call("ZSCORE", KEYS[4], ARGV[5])
  if limits[14] > 0 and is_new and redis.call("ZCARD", KEYS[4]) >= limits[14] then return "everything" end
  if limits[15] > 0 and is_new and tonumber(redis.call("GET", KEYS[13]) or "0") > limits[15] then return "everything" end
  if person then redis.call("SET", KEYS[9], string.format("%.0f", person), "PX", math.ceil(person - now)) end
  if conversation then redis.call("SET", KEYS[10], string.format("%.0f", conversation), "PX", math.ceil(conversation - now)) end
  if limits[12] > 0 then
    redis.call("ZADD", KEYS[11], now, messages .. " " .. ARGV[1])
    redis.call("EXPIRE", KEYS[11], ARGV[4])
  end
end
