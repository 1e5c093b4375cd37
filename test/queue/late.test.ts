/** Questions that came while nobody was there: which of them count as late, and that a turn takes them together. */

import { expect, test } from "vitest";
import type { IncomingMessage } from "../../src/core/message.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const { open } = createTestQueues();

const lateAfterMs = 600_000;
const hourMs = 3_600_000;
const context = { answer: false } as const;

/** Written just now. */
const fresh = (order: number, changes: Partial<IncomingMessage> = {}) =>
  message(order, { sentAtMs: Date.now(), ...changes });
/** Written an hour ago. */
const old = (order: number, changes: Partial<IncomingMessage> = {}) =>
  message(order, { sentAtMs: Date.now() - hourMs, ...changes });

async function accept(queue: OpenQueue, ...messages: readonly IncomingMessage[]): Promise<void> {
  await queue.inbox.accept(messages.map((one) => ({ kind: "message", message: one })));
}

/** Accepts what then has lain in the inbox for an hour. */
async function acceptLongAgo(queue: OpenQueue, ...messages: readonly IncomingMessage[]): Promise<void> {
  await accept(queue, ...messages);
  const stored = queue.keys.messages(conversation());
  for (const { id } of messages) {
    const lain = JSON.parse((await queue.redis.hget(stored, id)) ?? "");
    const aged = {
      ...lain,
      acceptedAtMs: lain.acceptedAtMs - hourMs,
      sentAtMs: lain.sentAtMs - hourMs,
    };
    await queue.redis.hset(stored, id, JSON.stringify(aged));
  }
}

/** What a turn was taken for: the late ones together, or its one question. */
const ordersOf = ({ message: { order }, late }: TakenTurn) =>
  late.length > 0 ? { late: late.map((one) => one.order) } : order;

/** What the next `count` turns are taken for, after which nothing waits. */
async function taken(queue: OpenQueue, count: number, afterMs = lateAfterMs) {
  const seen = recorder(count);
  const run = async (turn: TakenTurn) => {
    const end = await finish(queue, turn);
    seen.add(turn);
    return end;
  };
  await using _workers = startWorkers(queue, run, { lateAfterMs: afterMs });
  await seen.all;
  const { inbox, messages } = queue.keys;
  expect(await queue.redis.exists(inbox(conversation()), messages(conversation()))).toBe(0);
  return seen.turns.map(ordersOf);
}

test("a question that the platform kept for too long is late", async () => {
  await using queue = open();
  await accept(queue, old(1));
  expect(await taken(queue, 1)).toEqual([{ late: [1] }]);
});

test("a question that nobody took for too long is late", async () => {
  await using queue = open();
  await acceptLongAgo(queue, fresh(1));
  expect(await taken(queue, 1)).toEqual([{ late: [1] }]);
});

test("a fresh question is not late", async () => {
  await using queue = open();
  await accept(queue, fresh(1));
  expect(await taken(queue, 1)).toEqual([1]);
});

test("a question that waited behind an answer of ours is not late, however long that took", async () => {
  await using queue = open();
  const seen = recorder(2);
  const begun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const run = async (turn: TakenTurn) => {
    begun.resolve();
    await mayEnd.promise;
    seen.add(turn);
    return await finish(queue, turn);
  };
  await using _workers = startWorkers(queue, run, { lateAfterMs });
  await accept(queue, fresh(1));
  await begun.promise;
  await acceptLongAgo(queue, fresh(2));
  mayEnd.resolve();
  await seen.all;
  expect(seen.turns.map(ordersOf)).toEqual([1, 2]);
});

test("late questions are taken together, with the context among them and before them, and a fresh one by itself", async () => {
  await using queue = open();
  await accept(queue, old(1, context), old(2), old(3, context), old(4), fresh(5, context), fresh(6), old(7));
  expect(await taken(queue, 3)).toEqual([{ late: [1, 2, 3, 4, 5] }, 6, 7]);
});

test("parts that belong together are one late question", async () => {
  await using queue = open();
  const first = old(1, { text: "be", part: { kind: "cut", glue: "" } });
  await accept(queue, first, { ...old(2, { text: "fore" }), sentAtMs: first.sentAtMs });
  const seen = recorder(1);
  const run = async (turn: TakenTurn) => {
    seen.add(turn);
    return await finish(queue, turn);
  };
  await using _workers = startWorkers(queue, run, { lateAfterMs });
  await seen.all;
  expect(seen.turns[0]?.late.map(({ text }) => text)).toEqual(["before"]);
});

test("where somebody was asked already, what else is late is answered, one by one", async () => {
  await using queue = open();
  await accept(queue, old(1));
  expect(await taken(queue, 1)).toEqual([{ late: [1] }]);
  await accept(queue, old(2), old(3));
  expect(await taken(queue, 2)).toEqual([2, 3]);
});

test("late context alone asks nobody: the question that is late after it still does", async () => {
  await using queue = open();
  await accept(queue, old(1, context));
  expect(await taken(queue, 1)).toEqual([{ late: [1] }]);
  await accept(queue, old(2));
  expect(await taken(queue, 1)).toEqual([{ late: [2] }]);
});

test("a run after a death has the same late questions, and none that came meanwhile", async () => {
  await using queue = open();
  await accept(queue, old(1), old(2));
  const seen = recorder(3);
  const run = async (turn: TakenTurn) => {
    seen.add(turn);
    if (seen.turns.length > 1) return await finish(queue, turn);
    await accept(queue, old(3));
    throw new Error("a defect");
  };
  await using _workers = startWorkers(queue, run, { lateAfterMs });
  await seen.all;
  expect(seen.turns.map(ordersOf)).toEqual([{ late: [1, 2] }, { late: [1, 2] }, 3]);
});

test("with 0 nothing is late", async () => {
  await using queue = open();
  await accept(queue, old(1));
  await acceptLongAgo(queue, fresh(2));
  expect(await taken(queue, 2, 0)).toEqual([1, 2]);
});
