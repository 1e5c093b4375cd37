-- The JSON of the setting that counts: the narrowest scope's; "" where nobody has set it. Takes the keys of the scopes, the
-- widest first, from `first` on.
local function setting_of(name, first)
  for i = #KEYS, first, -1 do
    local value = redis.call("HGET", KEYS[i], name)
    if value then return value end
  end
  return ""
end
