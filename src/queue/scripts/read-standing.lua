--[[ What is stored about somebody who asks.
KEYS 1 access · 2 admins · 3 owners · 4 the chat's former conversation
ARGV 1 platform · 2 scope · 3 chat · 4 author
Returns what standing_of does ]]
local standing = {
  access = KEYS[1], admins = KEYS[2], owners = KEYS[3], formerly = KEYS[4],
  platform = ARGV[1], scope = ARGV[2], chat = ARGV[3],
}
-- include standing
return standing_of(ARGV[4])
