-- One pool: the limits of an endpoint's model, who waits for them, what is booked. The scheme: docs/limits.md.
-- KEYS 1 pool · 2 lines · 3 heads · 4 shares · 5 calls · 6 booked · 7 running · 8 outputs
-- ARGV 1 requests and 2 tokens a minute, 3 requests and 4 tokens a day that the operator allows, each "" = not capped
--      5 ms ahead of its start that a call is booked · 6 seconds that keys live
-- Includes redis-time before it. Ends by save_pool().
local minute, day = 60000, 86400000
-- Servers enforce a minute's limit over shorter times; of what they allow at once we take no more than this many ms' worth.
local burst_ms = 3000
-- Their clock and their rounding are not ours.
local caution = 0.995
-- A booking that nobody takes up this many ms after its start is undone; what was begun and never settled, or never asked
-- for again, is forgotten.
local unclaimed_ms, forgotten_ms = 5000, 3600000
-- So many of those who wait at a pool that has closed leave the line at once; the next ones when it is looked again.
local turned_out = 500
-- Later than this after its start a call is not made: after a standstill all would go out at once.
local late_ms = 500
-- A first call whose server says nothing for so long holds the others up no longer.
local probe_ms = 30000
local first_outputs = 1000

local pool, changed = {}, {}
do
  local flat = redis.call("HGETALL", KEYS[1])
  for i = 1, #flat, 2 do pool[flat[i]] = flat[i + 1] end
end
local function number(field) return tonumber(pool[field] or "") end
local function set(field, value)
  pool[field] = type(value) == "number" and string.format("%.17g", value) or value
  changed[field] = true
end

-- When the pool was closed because its server kept failing; over at the first token that comes after that.
local function broken() return (number("broken") or 0) > 0 end
-- Nothing is known yet of the limits, or of whether the server works again.
local function one_at_a_time() return pool.known ~= "1" or broken() end

local calls, touched = {}, {}
local function find(id)
  if calls[id] == nil then
    local stored = redis.call("HGET", KEYS[5], id)
    calls[id] = stored and cjson.decode(stored) or false
  end
  return calls[id]
end
local function keep(id, call) calls[id], touched[id] = call, true end

-- Redis' clock is the machine's: where it was set back, what is told in its time goes back along, or nobody would call
-- until it has come there again.
local times = { blocked = true, closed = true, broken = true, ["failing:since"] = true, ["probe:until"] = true }
local function follow_clock()
  local seen = number("seen") or now
  local back = seen - now
  if back <= -1000 or back >= 1000 or not pool.seen then set("seen", now) end
  if back < 1000 then return end
  for field in pairs(pool) do
    local at = (times[field] or string.sub(field, 1, 5) == "full:") and number(field)
    if at and at > 0 then set(field, at - back) end
  end
  for i = 6, 7 do
    local flat = redis.call("ZRANGE", KEYS[i], 0, -1, "WITHSCORES")
    for j = 1, #flat, 2 do redis.call("ZADD", KEYS[i], flat[j + 1] - back, flat[j]) end
  end
  for _, id in ipairs(redis.call("HKEYS", KEYS[5])) do
    local call = find(id)
    call.since, call.start = call.since - back, call.start and call.start - back
    keep(id, call)
  end
end
follow_clock()

local buckets
local function read_buckets()
  buckets = {}
  for i, name in ipairs({ "rm", "tm", "rd", "td" }) do
    local learnt, cap = number("limit:" .. name), tonumber(ARGV[i])
    local limit = learnt and cap and math.min(learnt, cap) or learnt or cap
    if limit then
      local daily = i > 2
      buckets[#buckets + 1] = {
        name = name,
        limit = limit,
        counts_requests = i % 2 == 1,
        daily = daily,
        ms_each = daily and day / limit or minute / limit / caution,
        burst = daily and day or burst_ms,
        -- When the bucket would be full again: ahead of now by what has been taken from it.
        full = number("full:" .. name) or now,
      }
    end
  end
end
read_buckets()

local function cost(bucket, tokens) return (bucket.counts_requests and 1 or tokens) * bucket.ms_each end

-- The earliest start that every limit allows. A call above a whole burst may go when nothing else is taken.
local function start_for(tokens)
  local start = math.max(now, number("blocked") or 0, number("closed") or 0)
  for _, bucket in ipairs(buckets) do
    start = math.max(start, bucket.full + math.min(cost(bucket, tokens), bucket.burst) - bucket.burst)
  end
  return start
end

local function charge(call, start)
  local names = {}
  for _, bucket in ipairs(buckets) do
    bucket.full = math.max(bucket.full, start) + cost(bucket, call.tokens)
    set("full:" .. bucket.name, bucket.full)
    names[#names + 1] = bucket.name
  end
  call.charged = table.concat(names, " ")
end

-- Gives back what was charged beyond what was used; less than nothing where more was used.
local function refund(call, requests, tokens)
  for _, bucket in ipairs(buckets) do
    if string.find(call.charged or "", bucket.name, 1, true) then
      bucket.full = bucket.full - (bucket.counts_requests and requests or tokens) * bucket.ms_each
      set("full:" .. bucket.name, bucket.full)
    end
  end
end

-- Which part of the limits a call takes, in ms of them: what people's shares are counted in.
local function share(tokens)
  local most = 0
  for _, bucket in ipairs(buckets) do
    if not bucket.daily then most = math.max(most, cost(bucket, tokens)) end
  end
  return most > 0 and most or 1
end

-- Whose turn it is goes by lines, one for each user: what nobody waits for stands in lines of its own, behind all others.
local behind = 1e14
local function line_of(call) return (call.background and "b" or "i") .. call.user end
local function offset_of(line) return string.sub(line, 1, 1) == "b" and behind or 0 end
local function place_of(id, call) return line_of(call) .. "\n" .. call.turn .. ":" .. id end
local function id_at(line, place) return string.sub(place, #line + 15) end
local function first_in(line)
  return redis.call("ZRANGEBYLEX", KEYS[2], "[" .. line .. "\n", "(" .. line .. "\11", "LIMIT", 0, 1)[1]
end

-- A share that was not used after all.
local function unuse(call, ms)
  local line = line_of(call)
  for i = 3, 4 do
    if redis.call("ZSCORE", KEYS[i], line) then redis.call("ZINCRBY", KEYS[i], -ms, line) end
  end
end

-- A line that begins has no credit from before. Lines that begin at the same time are served in their order.
local function stand_in_line(id, call)
  local line = line_of(call)
  redis.call("ZADD", KEYS[2], 0, place_of(id, call))
  if redis.call("ZSCORE", KEYS[3], line) then return end
  local tag = math.max(number("time") or 0, tonumber(redis.call("ZSCORE", KEYS[4], line) or "0"))
  local edge = number("edge") or 0
  if tag <= edge and edge - tag < 1000 then tag = edge + 0.001 end
  if tag - (number("time") or 0) < 1000 then set("edge", math.max(edge, tag)) end
  redis.call("ZADD", KEYS[3], tag + offset_of(line), line)
end

local function leave_line(id, call)
  local line = line_of(call)
  redis.call("ZREM", KEYS[2], place_of(id, call))
  if not first_in(line) then redis.call("ZREM", KEYS[3], line) end
end

local function forget(id, call)
  if call.turn and not call.start then leave_line(id, call) end
  redis.call("ZREM", KEYS[6], id)
  redis.call("ZREM", KEYS[7], id)
  calls[id], touched[id] = false, true
  if pool.probe == id then set("probe", "") end
end

-- A start that was booked does not hold, or was undone: back to where it stood.
local function wait_again(id, call)
  local line = line_of(call)
  unuse(call, call.share)
  redis.call("ZREM", KEYS[6], id)
  redis.call("ZREM", KEYS[7], id)
  redis.call("ZADD", KEYS[2], 0, place_of(id, call))
  local tag = tonumber(redis.call("ZSCORE", KEYS[3], line) or call.tag)
  redis.call("ZADD", KEYS[3], math.min(tag, call.tag), line)
  call.start, call.charged, call.owner = nil, nil, ""
  if pool.probe == id then set("probe", "") end
  keep(id, call)
end

local function run_until(id, deadline)
  redis.call("ZREM", KEYS[6], id)
  redis.call("ZADD", KEYS[7], deadline, id)
end

-- Nobody has taken the start up: the next one has it. Whoever comes for it yet stands where they stood; kept under a name of
-- its own, for by its id an older version takes it for a call that stands in the line.
local function undone(id) return "undone " .. id end
local function undo(id, call)
  refund(call, 1, call.tokens)
  unuse(call, call.share)
  call.start, call.charged, call.share = nil, nil, 0
  forget(id, {})
  run_until(undone(id), now + forgotten_ms)
  keep(undone(id), call)
end
local function stand_again(id)
  local call = find(undone(id))
  if not call then return call end
  forget(undone(id), {})
  wait_again(id, call)
  return call
end

-- What nobody will come back for. A few at a time: whoever calls next goes on.
local function tidy()
  redis.call("ZREMRANGEBYSCORE", KEYS[4], "-inf", pool.time or "0")
  for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[6], "-inf", now - unclaimed_ms, "LIMIT", 0, 50)) do
    local call = find(id)
    if call and call.owner == "" then
      undo(id, call)
    elseif call then
      run_until(id, now + forgotten_ms)
    else
      forget(id, {})
    end
  end
  for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[7], "-inf", now, "LIMIT", 0, 50)) do
    forget(id, find(id) or {})
  end
end

-- "1" when what had closed the pool is over by this call.
local opened = ""
local function reopen()
  if (number("closures") or 0) > 0 then opened = "1" end
  for _, field in ipairs({ "broken", "closures", "closed" }) do set(field, 0) end
end

-- {id, conversation, ms until its start} of each call that has got its start here, or is to ask at once; and in how many ms to look again, -1 = never.
local granted, look_ms = {}, -1

local function book(id, call, line, tag, start)
  charge(call, start)
  call.start, call.owner, call.tag, call.share = start, "", tag, share(call.tokens)
  redis.call("ZREM", KEYS[2], place_of(id, call))
  redis.call("ZADD", KEYS[6], start, id)
  keep(id, call)
  local next_tag = tag + call.share
  redis.call("ZADD", KEYS[4], next_tag - offset_of(line), line)
  if first_in(line) then redis.call("ZADD", KEYS[3], next_tag, line) else redis.call("ZREM", KEYS[3], line) end
  if tag < behind and tag > (number("time") or 0) then set("time", tag) end
  granted[#granted + 1] = { id, call.conversation, math.ceil(start - now) }
end

-- Nobody waits where nobody is answered: whoever asks anew is told so, or goes elsewhere.
local function turn_out()
  for _, place in ipairs(redis.call("ZRANGE", KEYS[2], 0, turned_out - 1)) do
    local id = id_at(string.match(place, "^[^\n]*"), place)
    local call = find(id)
    redis.call("ZREM", KEYS[2], place)
    if call then
      forget(id, call)
      granted[#granted + 1] = { id, call.conversation, 0 }
    end
  end
  if redis.call("ZCARD", KEYS[2]) > 0 then look_ms = 0 else redis.call("DEL", KEYS[3]) end
end

-- Books whoever is next, as far ahead as calls are booked.
local function grant()
  if (number("closed") or 0) > now then return turn_out() end
  for _ = 1, 200 do
    local head = redis.call("ZRANGE", KEYS[3], 0, 0, "WITHSCORES")
    local line = head[1]
    look_ms = -1
    if not line then return end
    local place = first_in(line)
    local id = place and id_at(line, place)
    local call = id and find(id)
    if not place then
      redis.call("ZREM", KEYS[3], line)
    elseif not call then
      redis.call("ZREM", KEYS[2], place)
    else
      local start = start_for(call.tokens)
      look_ms = start - now - tonumber(ARGV[5])
      if look_ms > 0 then return end
      if one_at_a_time() then
        look_ms = (number("probe:until") or 0) - now
        if (pool.probe or "") ~= "" and look_ms > 0 then return end
        set("probe", id)
        set("probe:until", start + probe_ms)
      end
      book(id, call, line, tonumber(head[2]), start)
    end
  end
  look_ms = 0
end

local function save_pool()
  local fields = {}
  for field in pairs(changed) do
    fields[#fields + 1] = field
    fields[#fields + 1] = pool[field]
  end
  if #fields > 0 then redis.call("HSET", KEYS[1], unpack(fields)) end
  for id in pairs(touched) do
    if calls[id] then redis.call("HSET", KEYS[5], id, cjson.encode(calls[id])) else redis.call("HDEL", KEYS[5], id) end
  end
  for i = 1, 7 do redis.call("EXPIRE", KEYS[i], ARGV[6]) end
  return { math.ceil(look_ms), granted, opened }
end
