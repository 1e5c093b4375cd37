--[[ Turns somebody away: lets one message a day show the refusal, and keeps what they ask for until it is decided about.
KEYS 1 today · 2 requests · 3 requesters · 4 told · 5 the rate that the message counted towards, absent = none
ARGV 1 message id · 2 seconds of a day · 3 entry that is asked for, "" = none · 4 platform · 5 scope · 6 name
     7 seconds that a request is kept · 8 requests told in an hour · 9 requests kept
     10 ms of the rate that it took
Returns {1 = the message shows the refusal, "tell" · "more" = there are more than can be told · "", ms until the hour ends};
for a message that asks again what it returned before ]]
-- include redis-time
-- Those who may speak there have back what it took; asked again it gives back twice, which harms nobody.
local tat = KEYS[5] and tonumber(redis.call("GET", KEYS[5]) or nil)
if tat and tat - ARGV[10] > now then
  redis.call("SET", KEYS[5], string.format("%.0f", tat - ARGV[10]), "PX", math.ceil(tat - ARGV[10] - now))
elseif tat then
  redis.call("DEL", KEYS[5])
end

local shows = redis.call("SET", KEYS[1], ARGV[1], "NX", "EX", ARGV[2]) and 1 or 0
if shows == 0 and redis.call("GET", KEYS[1]) == ARGV[1] then shows = 1 end
local entry = ARGV[3]
if entry == "" then return { shows, "", 0 } end

local old = redis.call("ZRANGEBYSCORE", KEYS[2], "-inf", now - ARGV[7] * 1000)
for _, forgotten in ipairs(old) do
  redis.call("ZREM", KEYS[2], forgotten)
  redis.call("HDEL", KEYS[3], forgotten)
end

local known = redis.call("HGET", KEYS[3], entry)
if known then
  local requester = cjson.decode(known)
  local how = requester.message == ARGV[1] and requester.how or ""
  return { shows, how, math.max(0, redis.call("PTTL", KEYS[4])) }
end
if redis.call("ZCARD", KEYS[2]) >= tonumber(ARGV[9]) then return { shows, "", 0 } end

local told = redis.call("INCR", KEYS[4])
if told == 1 then redis.call("EXPIRE", KEYS[4], 3600) end
local limit = tonumber(ARGV[8])
local how = told <= limit and "tell" or told == limit + 1 and "more" or ""
local requester = { v = 1, platform = ARGV[4], scope = ARGV[5], name = ARGV[6], message = ARGV[1], how = how, atMs = now }
redis.call("ZADD", KEYS[2], now, entry)
redis.call("HSET", KEYS[3], entry, cjson.encode(requester))
redis.call("EXPIRE", KEYS[2], ARGV[7])
redis.call("EXPIRE", KEYS[3], ARGV[7])
return { shows, how, redis.call("PTTL", KEYS[4]) }
