-- A budget that was refused goes slower, and halves its way back every five minutes: the platform's true rate is nobody's to know.
local halfLifeMs, slowest = 300000, 8
local function slowness(slow, since, now)
  if not slow then return 1 end
  return 1 + (tonumber(slow) - 1) * 0.5 ^ (math.max(0, now - tonumber(since)) / halfLifeMs)
end
