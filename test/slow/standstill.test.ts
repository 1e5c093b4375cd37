/** A worker stands still for seconds: true time, on a machine that has nothing else to do. */

import { expect, test } from "vitest";
import { openAdmissions, perMinute } from "../queue/admission-world.ts";
import { createTestQueues } from "../queue/test-queues.ts";

const queues = createTestQueues();

test("calls that a standstill has made late do not go out at once", async () => {
  await using world = openAdmissions(queues);
  await world.learns(perMinute(600));
  const asked = Array.from({ length: 40 }, (_, index) => world.asks(`user ${index}`));
  await world.isTold();
  // Nothing runs in this process, while about ten starts come and go.
  const until = performance.now() + 1_500;
  while (performance.now() < until);
  const answered: number[] = [];
  await Promise.all(
    asked.map(async (one) => {
      if ((await one).kind === "admitted") answered.push(performance.now() - until);
    }),
  );
  // The burst of three seconds was free; the others have to keep their distance again.
  expect(answered.filter((atMs) => atMs < 200).length).toBeLessThan(35);
  expect(answered.length).toBeGreaterThan(25);
});
