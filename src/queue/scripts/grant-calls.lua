--[[ Looks who is next.
KEYS, ARGV 1–6 as in shared/call-pool.lua
Returns {ms after which to look again or -1, what was granted as {message id, conversation, ms until its start},
         "1": what had closed the pool is over} ]]
-- include redis-time
-- include call-pool
tidy()
grant()
return save_pool()
