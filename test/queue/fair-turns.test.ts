/** The model's limits are shared between people, in turns. */

import { describe, expect, test } from "vitest";
import { known } from "../world/known.ts";
import { expected, isBusy, openAdmissions, perMinute } from "./admission-world.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();

describe("people", () => {
  test("take turns: who asks once is before all but the first of who asks often", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(6));
    await isBusy(world);
    const flood = await Promise.all(Array.from({ length: 20 }, () => world.asks("flooder")));
    const quiet = await world.asks("quiet", { by: 1 });
    expect(expected(quiet)).toBeLessThan(expected(known(flood[4])));
    expect(expected(known(flood[19]))).toBeGreaterThan(15_000);
  });

  test("get equal shares however many questions of one of them wait", async () => {
    await using world = openAdmissions(queues, {}, { bookAheadMs: 20 });
    await world.learns(perMinute(1_200));
    const ask = (user: string, message: number) =>
      world.asks(user, { message, by: user === "flooder" ? 0 : 1 });
    const waiting = new Map<number, string>();
    const flood = Array.from({ length: 160 }, async (_, index) => {
      const { kind } = await ask("flooder", 1_000 + index);
      if (kind === "later") waiting.set(1_000 + index, "flooder");
    });
    await Promise.all(flood);
    for (const [person, user] of ["ann", "bob", "cid", "dan", "eve"].entries()) {
      for (let question = 0; question < 4; question += 1) waiting.set(person * 10 + question, user);
    }
    const admitted: string[] = [];
    while (admitted.filter((user) => user !== "flooder").length < 20) {
      for (const [message, user] of waiting) {
        if ((await ask(user, message)).kind !== "admitted") continue;
        waiting.delete(message);
        admitted.push(user);
      }
    }
    const flooded = admitted.filter((user) => user === "flooder").length;
    // Served in the order of asking, all hundred would have come first. A busy machine notices some of them late.
    expect(flooded).toBeGreaterThanOrEqual(2);
    expect(flooded).toBeLessThanOrEqual(30);
  });

  test("come before what nobody waits for", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(20));
    await isBusy(world);
    await world.asks("ann", { message: 50, background: true });
    const waits = [];
    for (const user of ["bob", "cid", "dan"]) waits.push(expected(await world.asks(user)));
    const behind = expected(await world.asks("ann", { message: 50, background: true }));
    expect(behind).toBeGreaterThan(Math.max(...waits));
  });

  test("who use up a share of tokens with one question wait until others have had as much", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(undefined, 60_000));
    await world.calls("dear", { promptTokens: 8_000 });
    await world.asks("dear", { message: 50, maxTokens: 5_000 });
    const cheap = await world.asks("cheap", { maxTokens: 5_000 });
    const again = await world.asks("dear", { message: 50, by: 1 });
    expect(expected(cheap)).toBeLessThan(expected(again));
  });
});
