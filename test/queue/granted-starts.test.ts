/** Whoever has got a start, or is to be told that there is none, hears of it. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Admission } from "../../src/core/admission.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import { toPool } from "../../src/queue/pool-scripts.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { expected, isBusy, openAdmissions, perMinute, uncapped } from "./admission-world.ts";
import { message } from "./open-test-queue.ts";
import { finish, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const pool = { endpoint: "here", model: "model" };

/** Nobody comes back by themselves while a test runs. */
const untilWoken = { kind: "later", waitMs: 600_000 } as const;

function admit(admission: Admission, { fence, message: { conversation: user } }: TakenTurn) {
  const cost = { promptTokens: 1, maxTokens: 1 };
  return admission.admit({ ...pool, fence, user, ...cost }, new AbortController().signal);
}

function openAdmission(queue: OpenQueue, requestsPerMinute: number) {
  const caps = new Map([["here", { ...uncapped, requestsPerMinute }]]);
  return queue.openAdmission({ caps, onClosed: () => undefined });
}

/** Somebody asks one question in a chat of their own. */
async function asks(queue: OpenQueue, chat: number): Promise<void> {
  await queue.inbox.accept([{ kind: "message", message: message(1, { chat: String(chat) }) }]);
}

async function release(queue: OpenQueue, { fence }: TakenTurn): Promise<void> {
  await queue.store.release(fence, { finals: new Map(), unsettled: false });
}

test("a turn whose start comes while it still shows how long it takes is woken when it has given itself back", async () => {
  await using queue = queues.open();
  await using admission = openAdmission(queue, 60);
  const people = 6;
  let answered = 0;
  const all = Promise.withResolvers<void>();
  const booked = (turn: TakenTurn) =>
    queue.redis.zscore(queue.keys.poolBooked(toPool(pool)), turn.fence.message);
  await using _workers = startWorkers(queue, async (turn) => {
    const admitted = await admit(admission, turn);
    if (admitted.kind === "later") {
      while ((await booked(turn)) === null) await sleep(20);
      // What it shows takes longer than the wake-up is usually looked for.
      await sleep(700);
      await release(queue, turn);
      return untilWoken;
    }
    if (admitted.kind !== "admitted") throw new Error(admitted.kind);
    admitted.call.accepted(undefined);
    if (++answered === people) all.resolve();
    return await finish(queue, turn);
  });
  for (let chat = 1; chat <= people; chat += 1) await asks(queue, chat);
  await all.promise;
});

test("a start that nobody took up in time costs its turn no place in the line", async () => {
  await using world = openAdmissions(queues);
  await world.learns(perMinute(60));
  await isBusy(world);
  for (let other = 0; other < 3; other += 1) await world.asks(`before ${other}`);
  await world.asks("ann", { message: 5_000 });
  for (let other = 0; other < 40; other += 1) await world.asks(`after ${other}`);
  while (!(await world.hasLostStart(5_000))) await sleep(100);
  // One a second: behind all who have come since it would be half a minute.
  const asked = await world.asks("ann", { message: 5_000, epoch: 2 });
  expect(asked.kind === "admitted" ? 0 : expected(asked)).toBeLessThan(5_000);
});

test("everybody who waits at an endpoint that closes is woken to be told so, however many they are", {
  timeout: 180_000,
}, async () => {
  const people = 600;
  await using queue = queues.open({ longestWaitMs: 1e9, closedMs: 600_000, closedMaxMs: 600_000 });
  await using admission = openAdmission(queue, 1);
  let waiting = 0;
  let told = 0;
  const [allWait, allTold] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = Promise.withResolvers<() => Promise<void>>();
  await using _workers = startWorkers(queue, async (turn) => {
    const admitted = await admit(admission, turn);
    switch (admitted.kind) {
      case "later":
        if (++waiting === people) allWait.resolve();
        await release(queue, turn);
        return untilWoken;
      case "closed":
        if (++told === people) allTold.resolve();
        return await finish(queue, turn);
      case "admitted":
        first.resolve(() => admitted.call.closed("quota-used-up"));
        return await finish(queue, turn);
      default:
        throw new Error(admitted.kind);
    }
  });
  await asks(queue, 1);
  const close = await first.promise;
  for (let chat = 2; chat <= people + 1; chat += 1) await asks(queue, chat);
  await allWait.promise;
  await close();
  await allTold.promise;
});
