/** What tests may leave behind: nothing. */

import { setTimeout as sleep } from "node:timers/promises";

const watched = ["TCPSocketWrap", "TCPServerWrap", "ProcessWrap", "Timeout"] as const;

/** What was open before the first of the worlds that are open now. */
let before: ReadonlyMap<string, number> = new Map();
let openWorlds = 0;

/** How many there are of each kind that keeps a process alive. */
function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/**
 * Remembers what is open now.
 * @returns a check that fails when more is open then; of worlds side by side the last one checks for all. Sockets get a moment to close.
 */
export function watchLeaks(): () => Promise<void> {
  if (openWorlds === 0) before = countResources();
  openWorlds += 1;
  return async () => {
    openWorlds -= 1;
    for (let looks = 0; openWorlds === 0; looks += 1) {
      const now = countResources();
      const left = watched.filter((kind) => (now.get(kind) ?? 0) > (before.get(kind) ?? 0));
      if (left.length === 0) return;
      if (looks === 100) throw new Error(`Left open: ${left.join(", ")}`);
      await sleep(10);
    }
  };
}
