-- Chooses what of an inbox the next turn takes. Expects `now`, the functions of inbox-parts, and `waits`:
-- {text, album, look, late}, all in ms; `late` 0 = nothing is late.

local look_ahead, parts_at_most, album_at_most, joined_at_most = 64, 32, 10, 20

-- True when `content` belongs to the group, false when it does not, nil when it also ends what may belong to it.
local function belongs(group, content)
  if author_of(content) ~= group.author then return false end
  if group.part.kind == "album" then
    return of_one_album(group, content) or false
  end
  if continues(group.last, content, waits.text) then return true end
  return nil
end

local function add(group, id, content)
  table.insert(group.ids, id)
  group.last = content
  group.newest = math.max(group.newest, content and content.acceptedAtMs or 0)
  -- The first that is for the bot names the turn.
  if not group.lead and not (content and content.onlyAsPart) then
    group.lead, group.lead_id = content or {}, id
  end
end

-- How long more parts may still come, from now: they all came when one is not cut, or when there can be no more.
local function wait_of(group, ended)
  if ended or not group.part then return 0 end
  if group.part.kind == "album" then
    return #group.ids >= album_at_most and 0 or group.newest + waits.album - now
  end
  if #group.ids >= parts_at_most then return 0 end
  return group.newest + waits.text - now
end

-- The messages that belong to the one at `first`, in order.
local function gather(ids, first)
  local head = content_of(ids[first])
  local group = { ids = {}, newest = 0, author = author_of(head), part = head and head.part }
  add(group, ids[first], head)
  local ended = false
  for i = first + 1, group.part and #ids or first do
    local content = content_of(ids[i])
    local fits = content and belongs(group, content)
    if fits then add(group, ids[i], content) end
    ended = fits == nil or (group.part.kind == "cut" and not group.last.part)
    if ended or #group.ids >= parts_at_most then break end
  end
  group.wait = wait_of(group, ended)
  return group
end

-- A message is late when the platform kept it for so long, or when nobody took it though nothing ran before it. One that
-- is mere context is as well: taken by itself, it would pass for the end of the wait of the question behind it.
local function is_late(group, idle_since)
  local lead = group.lead
  if waits.late == 0 then return false end
  local accepted = lead.acceptedAtMs or now
  local kept = accepted - (lead.sentAtMs or accepted)
  return kept > waits.late or now - math.max(accepted, idle_since) > waits.late
end

-- Whether `group` is answered together with `first`: everything that waits, or what the same person says.
local function goes_with(first, group, overlap)
  if overlap == '"merge"' then return first.lead.answer end
  return overlap == '"interrupt"' and first.lead.answer and group.lead.answer and group.author == first.author
end

-- The groups behind `first`, the one at `at`, that are answered together with it, itself included. What is not whole
-- yet, and whatever stands behind that, is the next turn's.
local function joined_with(first, at, ids, used, overlap)
  local groups = { first }
  for i = at + 1, #ids do
    local group = not used[ids[i]] and gather(ids, i)
    for _, part in ipairs(group and group.ids or {}) do used[part] = true end
    if group and group.lead then
      local fits = group.wait <= 0 and #groups < joined_at_most and goes_with(first, group, overlap)
      if not fits then break end
      table.insert(groups, group)
    end
  end
  return groups
end

-- Returns the groups that the turn takes, and whether they are late ones; or nil and the ms after which to look again:
-- what comes meanwhile wakes nobody, and may end the wait or need none; or nil: nothing is there. While the key `told`
-- is there nobody is asked again: what is late is answered. `drop` is given messages that are part of nothing that was
-- said to the bot. `overlap`: the setting, as JSON.
local function choose_turn(ids, idle_since, told, drop, overlap)
  local used, chosen, soonest = {}, {}, nil
  for i, id in ipairs(ids) do
    local group = not used[id] and gather(ids, i)
    for _, part in ipairs(group and group.ids or {}) do used[part] = true end
    if group and not group.lead then
      -- Talk among people: it holds nobody up.
      if group.wait <= 0 then drop(group.ids) else soonest = math.min(soonest or group.wait, group.wait) end
    elseif group then
      local late = is_late(group, idle_since) and redis.call("EXISTS", told) == 0
      local goes_along = late or (#chosen > 0 and not group.lead.answer)
      if #chosen > 0 and not goes_along then return chosen, true end
      if not late and #chosen == 0 then
        if group.wait > 0 then return nil, math.min(soonest or group.wait, group.wait, waits.look) end
        return joined_with(group, i, ids, used, overlap), false
      end
      table.insert(chosen, group)
    end
  end
  if #chosen > 0 then return chosen, true end
  return nil, soonest and math.min(soonest, waits.look)
end
