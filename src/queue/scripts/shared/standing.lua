-- What is stored about somebody who asks. Expects `standing`: {access, admins, owners, formerly} are keys, {platform, scope,
-- chat} the platform's own ids.

-- The id that the chat had before, out of the conversation that it was; "" when it never had another.
local function former_chat()
  local before = redis.call("GET", standing.formerly)
  local chat = before and string.match(before, "^[^:]*:[^:]*:([^:]*)") or ""
  return (string.gsub(chat, "%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- Returns {author, 1 = owner, 1 = admin, "true" while places' own admins are trusted or "", former chat or "",
--          {entry, decision as JSON, …}}
local function standing_of(author)
  local prefix = standing.platform .. ":"
  local person, scoped = prefix .. author, prefix .. standing.scope .. "/" .. author
  local former = former_chat()
  local entries = { person, scoped, prefix .. "*", prefix .. standing.scope, prefix .. standing.chat }
  if former ~= "" then entries[#entries + 1] = prefix .. former end
  local decided = {}
  for i, decision in ipairs(redis.call("HMGET", standing.access, unpack(entries))) do
    if decision then
      decided[#decided + 1] = entries[i]
      decided[#decided + 1] = decision
    end
  end
  local roles = redis.call("HMGET", standing.admins, person, scoped, "local")
  local owns = redis.call("SISMEMBER", standing.owners, person) + redis.call("SISMEMBER", standing.owners, scoped)
  return { author, owns > 0 and 1 or 0, (roles[1] or roles[2]) and 1 or 0, roles[3] or "", former, decided }
end
