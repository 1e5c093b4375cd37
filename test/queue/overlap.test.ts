/** What becomes of messages that come while an answer is running: one after another, together, or in its place. */

import { once } from "node:events";
import { expect, test } from "vitest";
import type { IncomingMessage, Part } from "../../src/core/message.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

const bob = { author: { id: "6", name: "Bob" } };
const cut: Part = { kind: "cut", glue: "" };

async function accept(queue: OpenQueue, ...messages: readonly IncomingMessage[]): Promise<void> {
  await queue.inbox.accept(messages.map((one) => ({ kind: "message", message: one })));
}

async function set(queue: OpenQueue, overlap: string, scope = "*"): Promise<void> {
  await queue.redis.hset(queue.keys.settings(scope), "overlap", JSON.stringify(overlap));
}

/** The orders of what a turn answers. */
const orders = ({ joined, message: { order } }: TakenTurn) =>
  joined.length > 0 ? joined.map((one) => one.order) : [order];

/** What the next `count` turns answer, in their order; nothing is left afterwards. */
async function taken(queue: OpenQueue, count: number): Promise<readonly (readonly number[])[]> {
  const seen = recorder(count);
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    seen.add(turn);
    return end;
  });
  await seen.all;
  const { inbox, messages } = queue.keys;
  expect(await queue.redis.exists(inbox(conversation()), messages(conversation()))).toBe(0);
  return seen.turns.map(orders);
}

test.for([
  ["queue", [[1], [2], [3], [4]]],
  ["merge", [[1, 2, 3, 4]]],
  ["interrupt", [[1], [2], [3, 4]]],
  ["hologram", [[1], [2], [3], [4]]],
] as const)("with %s, what waits when a turn begins is answered as %j", async ([overlap, turns]) => {
  await using queue = open();
  await set(queue, overlap);
  await accept(queue, message(1), message(2, bob), message(3), message(4));
  expect(await taken(queue, turns.length)).toEqual(turns);
});

test("the narrowest scope says how messages overlap", async () => {
  await using queue = open();
  await set(queue, "merge");
  await set(queue, "queue", conversation());
  await accept(queue, message(1), message(2));
  expect(await taken(queue, 2)).toEqual([[1], [2]]);
});

test("what is not whole yet is not answered together with what is", async () => {
  await using queue = open();
  await set(queue, "merge");
  await accept(queue, message(1), message(2), message(3, { part: cut }), message(4, { part: cut }));
  expect(await taken(queue, 2)).toEqual([[1, 2], [3]]);
});

test("what is only context goes along with a question, and never leads", async () => {
  await using queue = open();
  await set(queue, "merge");
  const context = { answer: false } as const;
  await accept(queue, message(1, context), message(2), message(3, context), message(4, bob));
  expect(await taken(queue, 2)).toEqual([[1], [2, 3, 4]]);
});

test("a run after a death answers the same messages together, and none that came meanwhile", async () => {
  await using queue = open();
  await set(queue, "merge");
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length > 1) return await finish(queue, turn);
    await accept(queue, message(3));
    await set(queue, "queue");
    throw new Error("a defect");
  });
  await accept(queue, message(1), message(2, bob));
  await seen.all;
  expect(seen.turns.map(orders)).toEqual([[1, 2], [1, 2], [3]]);
});

/** Starts workers whose first turn lasts until `end` is called. */
async function holdFirst(queue: OpenQueue, count: number) {
  const running = Promise.withResolvers<AbortSignal>();
  const mayEnd = Promise.withResolvers<void>();
  const seen = recorder(count);
  const workers = startWorkers(queue, async (turn, { stop }) => {
    const isFirst = seen.turns.length === 0;
    seen.add(turn);
    if (isFirst) {
      running.resolve(stop);
      await Promise.race([mayEnd.promise, once(stop, "abort")]);
    }
    return await finish(queue, turn);
  });
  return { workers, seen, running: running.promise, end: mayEnd.resolve };
}

test("everybody whose question is answered may stop the answer", async () => {
  await using queue = open();
  await set(queue, "merge");
  const { workers, running } = await holdFirst(queue, 1);
  await using _workers = workers;
  await accept(queue, message(1), message(2, bob));
  const stop = await running;
  const request = {
    conversation: conversation(),
    reach: "conversation",
    everybodys: false,
    order: 9,
  } as const;
  expect(await queue.conversations.stop({ ...request, author: "7" })).toMatchObject({ foreign: true });
  expect(await queue.conversations.stop({ ...request, author: "6" })).toMatchObject({ running: true });
  if (!stop.aborted) await once(stop, "abort");
});

test("one of several questions that is deleted takes the others' answer from nobody", async () => {
  await using queue = open();
  await set(queue, "merge");
  const { workers, running, seen, end } = await holdFirst(queue, 1);
  await using _workers = workers;
  await accept(queue, message(1), message(2, bob));
  const stop = await running;
  const { id } = message(1);
  await queue.inbox.accept([{ kind: "delete", id, conversation: conversation(), expected: true }]);
  expect(await queue.redis.exists(queue.keys.stop(conversation()))).toBe(0);
  expect(stop.aborted).toBe(false);
  end();
  await seen.all;
});

test("with interrupt a new message of the same person stops what runs, and is answered next", async () => {
  await using queue = open();
  await set(queue, "interrupt");
  const { workers, running, seen } = await holdFirst(queue, 2);
  await using _workers = workers;
  await accept(queue, message(1));
  const stop = await running;
  await accept(queue, message(2));
  await seen.all;
  expect(stop.reason).toMatchObject({ name: "QuestionOvertaken" });
  expect(seen.turns.map(orders)).toEqual([[1], [2]]);
});

test.for<readonly [string, IncomingMessage]>([
  ["somebody else's", message(3, bob)],
  ["a delivery again of what runs", message(2)],
  ["one that was said before", message(1)],
  ["mere context", message(3, { answer: false })],
])("with interrupt nothing is stopped by %s", async ([, next]) => {
  await using queue = open();
  await set(queue, "interrupt");
  const { workers, running, end } = await holdFirst(queue, 1);
  await using _workers = workers;
  await accept(queue, message(2));
  const stop = await running;
  await accept(queue, next);
  expect(await queue.redis.exists(queue.keys.stop(conversation()))).toBe(0);
  expect(stop.aborted).toBe(false);
  end();
});

test("an answer that was interrupted while nobody ran it is known to be so by its next run", async () => {
  await using queue = open();
  await set(queue, "interrupt");
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length > 1) return await finish(queue, turn);
    await accept(queue, message(2));
    throw new Error("a defect");
  });
  await accept(queue, message(1));
  await seen.all;
  expect(seen.turns.map(({ message: { order }, stopped }) => [order, stopped])).toEqual([
    [1, undefined],
    [1, "overtaken"],
    [2, undefined],
  ]);
});

test.for([
  ["a new message of the same person", { kind: "message", message: message(2) }],
  ["its deletion", { kind: "delete", id: message(1).id, conversation: conversation(), expected: true }],
] as const)(
  "with interrupt a question that waits outside its slot makes way for %s at once",
  async ([, next]) => {
    await using queue = open();
    await set(queue, "interrupt");
    const seen = recorder(next.kind === "message" ? 3 : 2);
    await using _workers = startWorkers(queue, async (turn) => {
      seen.add(turn);
      if (seen.turns.length > 1) return await finish(queue, turn);
      await queue.store.release(turn.fence, { finals: new Map(), unsettled: false });
      return { kind: "later", waitMs: 600_000 };
    });
    await accept(queue, message(1));
    await expect.poll(() => queue.redis.zcard(`${queue.keys.prefix}:turns:delayed`)).toBe(1);
    await queue.inbox.accept([next]);
    await seen.all;
    expect(seen.turns[1]?.stopped).toBe(next.kind === "message" ? "overtaken" : "asked");
  },
);
