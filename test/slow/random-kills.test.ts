/** Workers are killed at random instants under load: every question has one whole answer, in order. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { ProcessPool } from "../world/processes.ts";
import { killAtRandom } from "../world/scenarios.ts";
import { startWorld } from "../world/world.ts";

let pool: ProcessPool;
beforeAll(() => {
  pool = new ProcessPool(2);
});
afterAll(() => pool[Symbol.asyncDispose]());

test.concurrent.for([1, 2])("five kills at instants of seed %d", { timeout: 180_000 }, async (seed) => {
  await using world = await startWorld({ processes: pool });
  await world.startInside({ ROLE: "gateway" });
  await world.isConnected();
  const kills = await killAtRandom(world, { seed, kills: 5, gapMs: 1_000, people: 3, questions: 4 });
  expect(kills).toBe(5);
});
