--[[ Saves an installation, or new credentials of the one that is there, and tells everybody.
KEYS 1 installations · ARGV 1 place · 2 installation JSON · 3 what it replaces, "" = whatever is there · 4 channel
Returns 1 when saved, 0 when what it replaces is gone. ]]
if ARGV[3] ~= "" and redis.call("HGET", KEYS[1], ARGV[1]) ~= ARGV[3] then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
redis.call("PUBLISH", ARGV[4], ARGV[1])
return 1
