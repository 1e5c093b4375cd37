--[[ Ends a booking by what was used of it, or leaves it to the next run.
KEYS, ARGV 1–6 as in shared/call-pool.lua
ARGV 7 message id · 8 epoch · 9 "used" · "counted": a request without tokens · "uncounted": it never got there
       · "kept": not begun, the next run takes it up · "left": it goes elsewhere, a place in the line as well
       · "begun": not over; its first token came, so the server works · 10 tokens used · 11 tokens of a whole answer, "" = it was not whole
Returns as grant-calls does ]]
-- include redis-time
-- include call-pool
local id, how = ARGV[7], ARGV[9]
local call = find(id)
local mine = call and call.owner == ARGV[8] and call.start
if how == "left" then
  forget(undone(id), {})
  if call and (mine or call.owner == "") then
    if call.start then
      refund(call, 1, call.tokens)
      unuse(call, call.share)
    end
    forget(id, call)
  end
elseif how == "begun" then
  -- What began before the server failed says nothing of now.
  if mine and call.start >= (number("broken") or 0) then
    set("failing", 0)
    if broken() then
      reopen()
      set("probe", "")
    end
  end
elseif mine then
  if how == "kept" then
    call.owner, call.start = "", math.max(call.start, now)
    redis.call("ZREM", KEYS[7], id)
    redis.call("ZADD", KEYS[6], call.start, id)
    keep(id, call)
  else
    local used = how == "used" and tonumber(ARGV[10]) or 0
    refund(call, how == "uncounted" and 1 or 0, call.tokens - used)
    unuse(call, call.share - (how == "used" and share(used) or 0))
    if how == "used" then set("refusals", 0) end
    forget(id, call)
  end
end
if ARGV[11] ~= "" then
  redis.call("LPUSH", KEYS[8], ARGV[11])
  redis.call("LTRIM", KEYS[8], 0, 99)
  redis.call("EXPIRE", KEYS[8], ARGV[6])
  local outputs = redis.call("LRANGE", KEYS[8], 0, -1)
  if #outputs >= 10 then
    for i, output in ipairs(outputs) do outputs[i] = tonumber(output) end
    table.sort(outputs)
    set("p95", outputs[math.ceil(#outputs * 0.95)])
  end
end
grant()
return save_pool()
