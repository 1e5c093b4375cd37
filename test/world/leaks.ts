/** What a test may leave behind: nothing. */

import { setTimeout as sleep } from "node:timers/promises";

const watched = ["TCPSocketWrap", "TCPServerWrap", "ProcessWrap", "Timeout"] as const;

/** How many there are of each kind that keeps a process alive. */
function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Remembers what is open now. @returns a check that fails when more is open then; sockets get a moment to close */
export function watchLeaks(): () => Promise<void> {
  const before = countResources();
  return async () => {
    let left: readonly string[] = [];
    for (let looks = 0; looks < 100; looks += 1) {
      const now = countResources();
      left = watched.filter((kind) => (now.get(kind) ?? 0) > (before.get(kind) ?? 0));
      if (left.length === 0) return;
      await sleep(10);
    }
    throw new Error(`Left open: ${left.join(", ")}`);
  };
}
