--[[ Leave for one platform call: fence, flood budgets, progress and a post's intent in one step. Nothing is taken unless all is.
KEYS 1 journal · 2 pending · 3… budgets
ARGV 1 message id, "" = a call outside any turn: budgets only · 2 epoch · 3 conversation · 4 line: "final", "preview" or "status"
     5 length of the visible text · 6 page to post, "" = no post · 7 "1": an earlier intent for it is known
     8 "1": the page is a possible second copy · 9… interval ms, burst, reserve of each budget
Returns {"fenced"} · {"posted", page id} · {"intended", since ms} · {"wait", ms} · {"granted"}

Who finds no room books a moment, one interval behind the one booked before: so all who wait take turns, in whatever process,
and each asks about once. Finals and posts stand in a line of their own and go first. Moments are kept as of the line's own
time, which stands still (`…Moved`) while it is not served: for a final's interval, for a refusal, for somebody late; so they
keep their order. A moment is kept in the journal until it is used: a hand-back loses no turn. Status never books, and stands
behind everybody. ]]
local line, isTurn = ARGV[4], ARGV[1] ~= ""
local isFinal = line == "final"
local journal = {}
if isTurn then
  local fields = { "id", "epoch" }
  for i = 3, #KEYS do fields[i] = "slot:" .. line .. ":" .. KEYS[i] end
  journal = redis.call("HMGET", KEYS[1], unpack(fields))
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

-- include budget-pace
local lineField = isFinal and "finals" or "previews"
local wait, short, budgets = 0, nil, {}
for i = 3, #KEYS do
  local argument = 9 + (i - 3) * 3
  local interval, burst, reserve = tonumber(ARGV[argument]), tonumber(ARGV[argument + 1]), tonumber(ARGV[argument + 2])
  local stored = redis.call("HMGET", KEYS[i], "tat", "blocked", "slow", "slowSince", "finals", "finalsMoved", "previews", "previewsMoved")
  for at = 1, 8 do stored[at] = tonumber(stored[at] or nil) end
  -- So far ahead nobody takes anything: Redis' clock was set back, and whoever waits by it would do so in vain.
  if (stored[1] or 0) > now + slowest * (burst + 1) * interval then stored[1], stored[5], stored[7] = nil, nil, nil end
  local budget = { key = KEYS[i], blocked = stored[2] or 0, isSlow = stored[3] and true }
  local needs = budget.blocked - now
  if interval > 0 then
    local tat = stored[1] or 0
    budget.interval = interval * slowness(stored[3], stored[4], now)
    budget.tat = math.max(now, tat) + budget.interval
    budget.previewsMoved = stored[8] or 0
    budget.moved = isFinal and (stored[6] or 0) or budget.previewsMoved
    -- A line in which nobody has come when it was their turn is of those who are gone.
    local isServed = math.max(tat, budget.blocked) + 2 * budget.interval + 1000 > now
    local nextAt = isServed and (stored[isFinal and 5 or 7] or 0) + budget.moved or 0
    budget.previewsWait = isServed and (stored[7] or 0) + budget.previewsMoved > now
    budget.slot = isTurn and tonumber(journal[i] or nil)
    needs = math.max(needs, budget.tat - now - (isFinal and burst or math.max(1, burst - reserve)) * budget.interval)
    if budget.slot then
      local due = budget.slot + budget.moved
      -- All who come later are as late; but not for one who could have come before.
      if needs > 0.5 and due <= now and now - due < 2 * budget.interval + 50 then
        budget.moved = budget.moved + now + needs - due
        redis.call("HSET", KEYS[i], lineField .. "Moved", string.format("%.3f", budget.moved))
      end
      if isServed then needs = math.max(needs, due - now) end
    elseif isTurn or not isFinal then
      needs = math.max(needs, nextAt - now)
    end
  end
  -- What a timer cannot tell apart is now.
  if needs > 0.5 and needs > wait then wait, short = needs, budget end
  budgets[i - 2] = budget
end

-- A final makes the previews that wait come later by its interval, unless it goes in the place of one of its own.
local function step_back(budget)
  if not isFinal or not budget.previewsWait then return end
  if isTurn and redis.call("HDEL", KEYS[1], "slot:preview:" .. budget.key) == 1 then return end
  redis.call("HSET", budget.key, "previewsMoved", string.format("%.3f", budget.previewsMoved + budget.interval))
end

if wait > 0 then
  if isTurn and line ~= "status" and short.interval and not short.slot then
    local at = now + wait - short.moved
    step_back(short)
    redis.call("HSET", KEYS[1], "slot:" .. line .. ":" .. short.key, string.format("%.3f", at))
    redis.call("HSET", short.key, lineField, string.format("%.3f", at + short.interval))
    local keepMs = math.ceil(wait + 2 * short.interval) + 2000
    redis.call("PEXPIRE", short.key, math.max(keepMs, redis.call("PTTL", short.key)))
  end
  return { "wait", math.ceil(wait) }
end
for _, budget in ipairs(budgets) do
  if budget.interval then
    redis.call("HSET", budget.key, "tat", string.format("%.3f", budget.tat))
    if budget.slot then
      redis.call("HDEL", KEYS[1], "slot:" .. line .. ":" .. budget.key)
    else
      step_back(budget)
    end
    local keepMs = math.ceil(math.max(budget.tat, budget.blocked) - now + 2 * budget.interval) + 2000
    redis.call("PEXPIRE", budget.key, math.max(keepMs, redis.call("PTTL", budget.key)))
  end
end

if not isTurn then return { "granted" } end
if line ~= "status" then
  redis.call("ZADD", KEYS[2], "XX", math.floor(now), ARGV[3])
  redis.call("HSET", KEYS[1], "shown", ARGV[5])
end
if ARGV[6] ~= "" then
  redis.call("HSET", KEYS[1], "intent:" .. ARGV[6], math.floor(now))
  redis.call("HINCRBY", KEYS[1], "posts:" .. ARGV[6], 1)
  if ARGV[8] == "1" then redis.call("HSET", KEYS[1], "again:" .. ARGV[6], "1") end
end
return { "granted" }
