--[[ Leave for one platform call: fence, flood budgets, progress and a post's intent in one step. Nothing is taken unless all is.
KEYS 1 journal · 2 pending · 3… budgets
ARGV 1 message id, "" = a call outside any turn: budgets only · 2 epoch · 3 conversation · 4 "1": the whole burst may be used · 5 length of the visible text
     6 page to post, "" = no post · 7 "1": an earlier intent for it is known · 8 "1": the page is a possible second copy
     9 "1": the call shows text, i.e. is progress · 10… interval ms, burst, reserve of each budget
Returns {"fenced"} · {"posted", page id} · {"intended", since ms} · {"wait", ms, number of the budget} · {"granted"} ]]
if ARGV[1] ~= "" then
  local journal = redis.call("HMGET", KEYS[1], "id", "epoch")
  if journal[1] ~= ARGV[1] or journal[2] ~= ARGV[2] then return { "fenced" } end
end
local time = redis.call("TIME")
local now = time[1] * 1000 + time[2] / 1000

if ARGV[6] ~= "" then
  local posted = redis.call("HGET", KEYS[1], "page:" .. ARGV[6])
  if posted then return { "posted", posted } end
  local since = redis.call("HGET", KEYS[1], "intent:" .. ARGV[6])
  if since and ARGV[7] ~= "1" then return { "intended", since } end
end

local wait, short, taken = 0, 0, {}
local function needs(ms, budget)
  if ms > wait then wait, short = ms, budget end
end
for i = 3, #KEYS do
  local argument = 10 + (i - 3) * 3
  local interval, burst, reserve = tonumber(ARGV[argument]), tonumber(ARGV[argument + 1]), tonumber(ARGV[argument + 2])
  local budget = redis.call("HMGET", KEYS[i], "tat", "blocked")
  local blocked = tonumber(budget[2] or "0")
  needs(blocked - now, i - 3)
  if interval > 0 then
    local tat = math.max(now, tonumber(budget[1] or "0")) + interval
    local room = (ARGV[4] == "1") and burst or math.max(1, burst - reserve)
    needs(tat - now - room * interval, i - 3)
    taken[i] = { tat, math.max(tat, blocked) }
  end
end
if wait > 0 then return { "wait", math.ceil(wait), short } end
for i, budget in pairs(taken) do
  redis.call("HSET", KEYS[i], "tat", string.format("%.3f", budget[1]))
  redis.call("PEXPIRE", KEYS[i], math.ceil(budget[2] - now) + 1000)
end

if ARGV[1] == "" then return { "granted" } end
if ARGV[9] == "1" then
  redis.call("ZADD", KEYS[2], "XX", math.floor(now), ARGV[3])
  redis.call("HSET", KEYS[1], "shown", ARGV[5])
end
if ARGV[6] ~= "" then
  redis.call("HSET", KEYS[1], "intent:" .. ARGV[6], math.floor(now))
  redis.call("HINCRBY", KEYS[1], "posts:" .. ARGV[6], 1)
  if ARGV[8] == "1" then redis.call("HSET", KEYS[1], "again:" .. ARGV[6], "1") end
end
return { "granted" }
