--[[ What a server's headers say of its limits. From its first answer on calls no longer go one at a time.
KEYS, ARGV 1–6 as in shared/call-pool.lua
ARGV 7 message id of the call that was answered · 8 "1": it was accepted, so whatever closed the pool is over
     9… of requests, then of tokens: limit, "" = not told · what is left, "" = not told · "1": the limit is a day's
Returns as grant-calls does ]]
-- include redis-time
-- include call-pool
set("known", "1")
if not broken() then set("probe", "") end
if ARGV[8] == "1" and not broken() then reopen() end
local before = {}
for _, bucket in ipairs(buckets) do before[bucket.name] = true end
local left = {}
for i, names in ipairs({ { "rm", "rd" }, { "tm", "td" } }) do
  local told = 9 + (i - 1) * 3
  if ARGV[told] ~= "" then
    local daily = ARGV[told + 2] == "1"
    set("limit:" .. names[daily and 2 or 1], tonumber(ARGV[told]))
    -- Of each kind a server tells one limit: what was taken for a minute's may turn out to be a day's.
    set("limit:" .. names[daily and 1 or 2], "")
    left[names[daily and 2 or 1]] = tonumber(ARGV[told + 1])
  end
end
read_buckets()
local call = find(ARGV[7])
for _, bucket in ipairs(buckets) do
  if not before[bucket.name] and call and call.start then
    bucket.full = math.max(bucket.full, now) + cost(bucket, call.tokens)
    call.charged = (call.charged or "") .. " " .. bucket.name
    keep(ARGV[7], call)
  end
  -- Somebody else may use the same key: what is left is never more than the server says.
  if left[bucket.name] then
    bucket.full = math.max(bucket.full, now + bucket.burst - left[bucket.name] * bucket.ms_each)
  end
  set("full:" .. bucket.name, bucket.full)
end
grant()
return save_pool()
