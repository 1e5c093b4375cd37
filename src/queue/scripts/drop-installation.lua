--[[ Drops an installation unless it is newer, notes that its place is to be forgotten, and tells everybody.
KEYS 1 installations · 2 leaving · ARGV 1 place · 2 ms since 1970 when it was uninstalled · 3 channel
Returns 1 when dropped, 0 when there is none as old as that. ]]
local found = redis.call("HGET", KEYS[1], ARGV[1])
if not found or cjson.decode(found).installedAtMs > tonumber(ARGV[2]) then return 0 end
redis.call("HDEL", KEYS[1], ARGV[1])
local time = redis.call("TIME")
redis.call("ZADD", KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
redis.call("PUBLISH", ARGV[3], ARGV[1])
return 1
