--[[ Counts a command or press towards its person's rate of messages, once.
KEYS 1 counted · 2 person's rate · 3 the person was told of too much
ARGV 1 messages a minute of a person, above 0 · 2 seconds to remember the command · 3 ms in which nobody is told twice
Returns "counted" · "told" when it is beyond the limit, and that is to be told · "beyond" when it was told before; for a
command that was counted before what it returned then ]]
-- include redis-time
local before = redis.call("GET", KEYS[1])
if before then return before end
local outcome = "counted"
local known = tonumber(redis.call("GET", KEYS[2]) or "0")
-- So far ahead nobody is let in (see overload): Redis' clock was set back.
if known > now + 60000 + 33 * 60000 / ARGV[1] then known = now end
local tat = math.max(now, known) + 60000 / ARGV[1]
if tat - now <= 60000 then
  redis.call("SET", KEYS[2], string.format("%.0f", tat), "PX", math.ceil(tat - now))
else
  -- Another value says that they were beyond a limit of the whole conversation.
  outcome = redis.call("GET", KEYS[3]) == "1" and "beyond" or "told"
  if outcome == "told" then redis.call("SET", KEYS[3], "1", "PX", ARGV[3]) end
end
redis.call("SET", KEYS[1], outcome, "EX", ARGV[2])
return outcome
