--[[ The server refused a call. It waits on in its place of the line.
KEYS, ARGV 1–6 as in shared/call-pool.lua · KEYS 9 channel of disturbances
ARGV 7 message id · 8 epoch · 9 "limited": by a rate limit · "again": for another reason, it is to be asked again
       · "closed": nobody needs to ask for a while
       · "broken", "unsent": the server failed, with or without having got it; after some in a row nobody asks for a while · 10 ms that the server asks to wait, -1 = it does not say
     11 why it is closed · 12 ms that it is closed for the first time · 13 and at most · 14 what the channel is told
     15 failures in a row after which it is closed · 16 ms within which they count
Returns {ms for which nobody calls, "1": nobody has been told yet that it is closed, ms after which to look again or -1,
         what was granted, or is to ask at once, as {message id, conversation, ms until its start}} ]]
-- include redis-time
-- include call-pool
local id, how, asked = ARGV[7], ARGV[9], tonumber(ARGV[10])
local call = find(id)
local mine = call and call.owner == ARGV[8] and call.start
if mine then refund(call, (how == "limited" or how == "unsent") and 1 or 0, call.tokens) end

-- Starts that are booked and not due yet go back to the line.
local function recall()
  for _, booked in ipairs(redis.call("ZRANGEBYSCORE", KEYS[6], now, "+inf")) do
    local other = find(booked)
    if other and booked ~= id then
      refund(other, 1, other.tokens)
      wait_again(booked, other)
    end
  end
  redis.call("PUBLISH", KEYS[9], ARGV[14])
end

local first, wait = "", 0
local is_failure = how == "broken" or how == "unsent"
if how == "closed" or is_failure then
  if mine then
    unuse(call, call.share)
    forget(id, call)
  end
  -- Calls that were under way together fail together.
  local closes = (number("closed") or 0) <= now
  if closes and is_failure then
    local failing = (number("failing") or 0) + 1
    if failing == 1 or now - (number("failing:since") or 0) > tonumber(ARGV[16]) then
      failing = 1
      set("failing:since", now)
    end
    set("failing", failing)
    -- While nobody knows whether it works again, each call is a try.
    closes = broken() or failing >= tonumber(ARGV[15])
    if closes then set("broken", now) end
  end
  if closes then
    local closures = number("closures") or 0
    if closures == 0 then first = "1" end
    wait = math.min(tonumber(ARGV[12]) * 2 ^ math.min(closures, 30), tonumber(ARGV[13]))
    set("closures", closures + 1)
    set("closed", now + wait)
    set("problem", ARGV[11])
    set("known", "")
    set("probe", "")
    recall()
  end
else
  if mine then wait_again(id, call) end
  if how == "limited" then
    local blocked = number("blocked") or 0
    -- Calls that were under way together are refused together.
    local before = (number("refusals") or 0) - (blocked > now and 1 or 0)
    wait = math.min(1000 * 2 ^ math.min(math.max(before, 0), 30), minute)
    -- What the server asks for holds, unless it was waited out before and was too short.
    if asked >= 0 then wait = before <= 0 and asked or math.max(asked, wait / 2) end
    if blocked <= now then set("refusals", before + 1) end
    if now + wait > blocked then
      set("blocked", now + wait)
      recall()
    end
    -- Afterwards one at a time: whatever the server counts, it was used up.
    for _, bucket in ipairs(buckets) do
      if not bucket.daily then
        local one = math.min(cost(bucket, call and call.tokens or 1), bucket.burst)
        bucket.full = math.max(bucket.full, number("blocked") + bucket.burst - one)
        set("full:" .. bucket.name, bucket.full)
      end
    end
  end
end
grant()
local saved = save_pool()
return { math.ceil(wait), first, saved[1], saved[2] }
