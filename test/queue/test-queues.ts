/** A real Redis for one test file, and queues on it. */

import { afterAll, beforeAll } from "vitest";
import { endlessPatience, type Patience } from "../../src/core/patience.ts";
import type { Timing } from "../../src/core/timing.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { startTestRedis, type TestRedis } from "../world/redis.ts";
import { openTestQueue, shrunk } from "./open-test-queue.ts";

/** The queues of one file. */
export interface TestQueues {
  /** In a namespace of its own, so that tests do not meet. */
  open(waits?: Partial<Timing>, patience?: Patience): OpenQueue;
  /** In the namespace that was opened last: another process. */
  openAgain(waits?: Partial<Timing>): OpenQueue;
  /** To be used within tests only: it runs from the first to the last one. */
  readonly redis: TestRedis;
}

/** Starts a Redis before the file's tests and ends it after them. */
export function createTestQueues(): TestQueues {
  let redis: TestRedis;
  let namespaces = 0;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());
  const openIn = (number: number, waits: Partial<Timing>, patience = endlessPatience) =>
    openTestQueue(redis.url, { namespace: `test${number}`, timing: { ...shrunk, ...waits }, patience });
  return {
    open: (waits = {}, patience?: Patience) => openIn(++namespaces, waits, patience),
    openAgain: (waits = {}) => openIn(namespaces, waits),
    get redis() {
      return redis;
    },
  };
}
