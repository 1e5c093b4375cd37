--[[ Leave to call the model: books a start, or takes up the one that is booked, or waits in the line.
KEYS, ARGV 1–6 as in shared/call-pool.lua
ARGV 7 message id · 8 epoch · 9 user (without line breaks) · 10 conversation · 11 tokens of the prompt · 12 most tokens of the answer, "" = not limited
     13 "1": nobody waits for it, so that it goes after everybody · 14 the most ms that it may wait, all together; a quarter more when it waits already
     15 "1": it does not wait here, unless it does so already
Returns {{"booked", ms until its start, below 0 = it is over, "1": calls have failed of late} or
          {"later", expected ms, "1": in the line} or {"closed", problem, ms} or {"large"}
          or {"never", expected ms}: it would wait too long, and has left the line,
         ms after which to look who is next or -1, what was granted as {message id, conversation, ms until its start}} ]]
-- include redis-time
-- include call-pool
local id, epoch, prompt = ARGV[7], ARGV[8], tonumber(ARGV[11])
tidy()
local function answer(outcome)
  local saved = save_pool()
  return { outcome, saved[1], saved[2] }
end

local call = find(id) or stand_again(id)
local closed = number("closed") or 0
if closed > now then
  if call then
    if call.start then unuse(call, call.share) end
    forget(id, call)
  end
  return answer({ "closed", pool.problem or "", math.ceil(closed - now) })
end
-- Its run may have called before it died: what was booked counts as used.
if call and call.start and call.owner ~= "" and call.owner ~= epoch and call.start <= now then
  forget(id, call)
  call = nil
end
-- Whoever is this late goes out together with others: to be booked anew, before everybody else, but not again and again.
if call and call.start and call.start < now - late_ms and (call.moved or 0) < 3 then
  call.moved = (call.moved or 0) + 1
  refund(call, 1, call.tokens)
  wait_again(id, call)
end
local stood = call and true
if not call then
  for _, bucket in ipairs(buckets) do
    if not bucket.counts_requests and prompt > bucket.limit then return answer({ "large" }) end
  end
  local tokens = prompt + (tonumber(ARGV[12]) or number("p95") or first_outputs)
  local turn = (number("turns") or 0) + 1
  set("turns", turn)
  call = {
    v = 1, tokens = tokens, user = ARGV[9], conversation = ARGV[10], since = now, owner = "",
    background = ARGV[13] == "1", turn = string.format("%012d", turn),
  }
  stand_in_line(id, call)
  keep(id, call)
end
grant()
if call.start then
  call.owner = epoch
  keep(id, call)
  if call.start <= now then run_until(id, now + forgotten_ms) end
  local doubted = (number("failing") or 0) > 0 or broken()
  return answer({ "booked", math.ceil(call.start - now), doubted and "1" or "" })
end

-- Every line that waits is served once before the next one of this line; each call is taken to be about as dear as this one.
local line = line_of(call)
local before = redis.call("ZLEXCOUNT", KEYS[2], "[" .. line .. "\n", "(" .. place_of(id, call))
local ahead = (redis.call("ZRANK", KEYS[3], line) or 0) + before * redis.call("ZCARD", KEYS[3])
local expected = start_for(call.tokens) - now + ahead * (#buckets > 0 and share(call.tokens) or 0)
if one_at_a_time() then expected = math.max(expected, 2000) end
-- What is expected sways: nobody is sent away for that who was told to wait.
if now - call.since + expected > tonumber(ARGV[14]) * (stood and 1.25 or 1) then
  forget(id, call)
  return answer({ "never", math.ceil(expected) })
end
if ARGV[15] == "1" and not stood then
  forget(id, call)
  return answer({ "later", math.ceil(expected), "" })
end
return answer({ "later", math.ceil(expected), "1" })
