/** Redis' clock is its machine's, which may be set back: nobody waits until it has come there again. */

import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { endlessPatience } from "../../src/core/patience.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { isBusy, openAdmissions, perMinute } from "./admission-world.ts";
import { conversation, message } from "./open-test-queue.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const hourMs = 3_600_000;

/** Every time that is stored becomes an hour later: it was written while the clock was ahead by that. */
async function clockIsSetBack(): Promise<void> {
  await using redis = disposable(new Redis(queues.redis.url));
  const later = (text: string) =>
    text.replace(/(?<![\d.])1[78]\d{11}(?:\.\d+)?(?!\d)/g, (ms) => String(Number(ms) + hourMs));
  for (const key of await redis.keys("*")) {
    switch (await redis.type(key)) {
      case "hash":
        for (const [field, value] of Object.entries(await redis.hgetall(key)))
          await redis.hset(key, field, later(value));
        break;
      case "zset":
        for (const member of await redis.zrange(key, "0", "-1"))
          await redis.call("ZADD", key, later(String(await redis.zscore(key, member))), member);
        break;
      case "string":
        await redis.set(key, later((await redis.get(key)) ?? ""), "KEEPTTL");
        break;
      default:
    }
  }
}

function disposable(redis: Redis): Redis & AsyncDisposable {
  const dispose = async () => {
    await redis.quit();
  };
  return Object.assign(redis, { [Symbol.asyncDispose]: dispose });
}

test("whoever waits for the chat API waits no longer for it, and the limits hold", async () => {
  await using world = openAdmissions(queues);
  await world.learns(perMinute(1));
  await isBusy(world);
  const before = await world.asks("ann", { message: 70 });
  await clockIsSetBack();
  const after = await world.asks("ann", { message: 70 });
  for (const asked of [before, after]) {
    expect(asked).toMatchObject({ kind: "later", isInLine: true });
    expect(asked.kind === "later" && asked.expectedMs).toBeLessThan(hourMs / 2);
  }
});

test("a start that was booked is the same one", async () => {
  await using world = openAdmissions(queues);
  await world.learns(perMinute(6_000));
  await world.calls("ann", { message: 70 });
  await clockIsSetBack();
  await world.calls("ann", { message: 70 });
  await world.calls("bob");
});

test("a chat API that was closed for a while is so for no longer", async () => {
  await using world = openAdmissions(queues, {}, { closedMs: 60_000, closedMaxMs: 60_000 });
  await (await world.calls("ann")).closed("quota-used-up");
  await clockIsSetBack();
  const asked = await world.asks("bob", { by: 1 });
  expect(asked).toMatchObject({ kind: "closed", problem: "quota-used-up" });
  expect(asked.kind === "closed" && asked.forMs).toBeLessThan(hourMs / 2);
});

const budgets = [{ key: "chat", intervalMs: 1_000, burst: 1, reserve: 0 }];
const request = { kind: "final", budgets, shownUtf16: 0 } as const;

async function waitsToShow({ store }: OpenQueue): Promise<number> {
  const permit = await store.permit(undefined, request);
  return permit.kind === "wait" ? permit.waitMs : 0;
}

test("what a platform is to show is shown", async () => {
  await using queue = queues.open();
  await waitsToShow(queue);
  await clockIsSetBack();
  expect(await waitsToShow(queue)).toBeLessThan(hourMs / 2);
});

test("a platform that has refused something of late is not shown the less for it", async () => {
  await using queue = queues.open();
  await queue.store.block({ budget: { key: "chat" }, retryAfterMs: 0 });
  await queue.redis.hdel(queue.keys.budget("chat"), "blocked");
  await clockIsSetBack();
  await waitsToShow(queue);
  expect(await waitsToShow(queue)).toBeLessThan(hourMs / 4);
});

test("what people say is taken in", async () => {
  await using queue = queues.open({}, { ...endlessPatience, personPerMinute: 2, conversationPerMinute: 2 });
  const says = (order: number) => queue.inbox.accept([{ kind: "message", message: message(order) }]);
  await says(1);
  await clockIsSetBack();
  await says(2);
  expect(await queue.redis.zcard(queue.keys.inbox(conversation()))).toBe(2);
});
