/** What a model has refused is known to every process, for a day, and to the next one that starts. */

import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refusedForMs } from "../../src/core/refused-parameters.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { openRefusedParameters } from "../../src/queue/refused-parameters.ts";
import { startTestRedis, type TestRedis } from "../world/redis.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A process's memory, by a clock that a test moves. */
function openProcess(namespace: string, endpoint = "here") {
  const redis = new Redis(server.socket);
  let laterMs = 0;
  const now = () => Date.now() + laterMs;
  const shared = openRefusedParameters({ redis, keys: createKeys(namespace), endpoint, now });
  return {
    ...shared,
    redis,
    passes: (ms: number) => {
      laterMs += ms;
    },
    async knows(model: string, ...parameters: readonly string[]) {
      while (shared.of(model).toSorted().join() !== parameters.join()) await sleep(5);
    },
    [Symbol.dispose]: () => {
      shared[Symbol.dispose]();
      redis.disconnect();
    },
  };
}

test("one process learns, the others know, and so does one that starts later", async () => {
  using one = openProcess("a");
  using other = openProcess("a");
  await one.redis.ping();
  while ((await one.redis.pubsub("NUMSUB", createKeys("a").refusals))[1] !== 2) await sleep(5);
  one.add("small", "seed");
  one.add("small", "stop");
  one.add("large", "seed");
  await other.knows("small", "seed", "stop");
  using later = openProcess("a");
  await later.knows("small", "seed", "stop");
  expect(later.of("large")).toEqual(["seed"]);
  expect(later.of("other")).toEqual([]);
});

test("after a day it is tried again", async () => {
  using one = openProcess("b");
  one.add("small", "seed");
  expect(one.of("small")).toEqual(["seed"]);
  one.passes(refusedForMs + 1);
  expect(one.of("small")).toEqual([]);
  expect(await one.redis.pttl(createKeys("b").refused)).toBeGreaterThan(refusedForMs - 60_000);
});

test("another server may take what this one refuses", async () => {
  using here = openProcess("c");
  using there = openProcess("c", "there");
  here.add("small", "seed");
  there.add("small", "stop");
  using again = openProcess("c", "there");
  await again.knows("small", "stop");
});

test("a Redis that is away fails nobody", async () => {
  using one = openProcess("d");
  one.redis.disconnect();
  one.add("small", "seed");
  expect(one.of("small")).toEqual(["seed"]);
});
