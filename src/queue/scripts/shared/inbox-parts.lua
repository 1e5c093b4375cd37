-- What is known of waiting messages, and which of them belong together. Expects `messages`, the key of the messages.

local contents = {}
-- The message as a table; false when it is not there or cannot be read.
local function content_of(id)
  if contents[id] == nil then
    local json = redis.call("HGET", messages, id)
    local readable, read = pcall(cjson.decode, json or "")
    contents[id] = readable and type(read) == "table" and read or false
  end
  return contents[id]
end

local function author_of(content)
  return content and type(content.author) == "table" and content.author.id or ""
end

-- Platforms tell the time in whole seconds.
local function soon_after(earlier, later, ms)
  return (later.sentAtMs or 0) - (earlier.sentAtMs or 0) <= math.ceil(ms / 1000) * 1000
end

-- True when `later`, the same author's next message, is the rest of the text that `earlier` was cut from.
local function continues(earlier, later, ms)
  local cut = earlier.part and earlier.part.kind == "cut"
  local is_text = later.answer and not later.unsupported and (not later.part or later.part.kind == "cut")
  return cut and is_text and soon_after(earlier, later, ms)
end

local function of_one_album(earlier, later)
  local one, other = earlier.part, later.part
  return one and other and one.kind == "album" and other.kind == "album" and one.key == other.key
end

-- The ids of a running turn's messages, as its journal holds them: "1 2|3" are two questions, the first in two parts.
local function running_parts(id, parts)
  local running = {}
  for part in string.gmatch(parts or id or "", "[^ |]+") do running[part] = true end
  return running
end
