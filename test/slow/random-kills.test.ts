/** Workers are killed at random instants under load: every question has one whole answer, in order. */

import { expect, test } from "vitest";
import { killAtRandom } from "../world/scenarios.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

test.concurrent.for([1, 2])("five kills at instants of seed %d", { timeout: 180_000 }, async (seed) => {
  await using world = await worlds.withGateway();
  const kills = await killAtRandom(world, { seed, kills: 5, gapMs: 1_000, people: 3, questions: 4 });
  expect(kills).toBe(5);
});
