import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QuestionDeleted } from "../../src/core/errors.ts";
import type { Arrival } from "../../src/core/inbox.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { startTestRedis, type TestRedis } from "../world/redis.ts";
import { conversation, message, openTestQueue } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

let namespaces = 0;
/** A queue in a namespace of its own, so that tests do not meet. */
function open(): OpenQueue {
  return openTestQueue(redis.url, { namespace: `changes${++namespaces}` });
}

const said = (order: number, changes: Parameters<typeof message>[1] = {}): Arrival => ({
  kind: "message",
  message: message(order, changes),
});

function edited(order: number, text: string, version = 1, expected = true): Arrival {
  const content = { v: 1, text } as const;
  return { kind: "edit", id: message(order).id, conversation: conversation(), content, version, expected };
}

function deleted(order: number, expected = true): Arrival {
  return { kind: "delete", id: message(order).id, conversation: conversation(), expected };
}

/** The texts of the next `count` turns. */
async function taken(queue: OpenQueue, count: number): Promise<readonly string[]> {
  const seen = recorder(count);
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    seen.add(turn);
    return end;
  });
  await seen.all;
  expect(await queue.redis.exists(queue.keys.messages(conversation()))).toBe(0);
  return seen.turns.map((turn) => turn.message.text);
}

test("an edit replaces the text of a message that waits, content and all", async () => {
  await using queue = open();
  await queue.inbox.accept([said(1, { unsupported: "a photo" }), said(2)]);
  await queue.inbox.accept([edited(1, "changed")]);
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.text)).toEqual(["changed", "question 2"]);
  expect(seen.turns[0]?.message).toMatchObject({ order: 1, unsupported: undefined });
});

test.for([
  [[edited(1, "old", 1), edited(1, "new", 2)]],
  [[edited(1, "new", 2), edited(1, "old", 1)]],
  [[edited(1, "old", 2), edited(1, "new", 2)]],
] as const)("of several edits the newest counts, whichever comes last (%#)", async ([edits]) => {
  await using queue = open();
  await queue.inbox.accept([said(1)]);
  for (const edit of edits) await queue.inbox.accept([edit]);
  expect(await taken(queue, 1)).toEqual(["new"]);
  await queue.inbox.accept([...edits, said(2)]);
  expect(await taken(queue, 1)).toEqual(["question 2"]);
});

test("an edit that overtakes its message waits for it", async () => {
  await using queue = open();
  await queue.inbox.accept([edited(1, "old", 1)]);
  await queue.inbox.accept([edited(1, "new", 2)]);
  await queue.inbox.accept([said(1)]);
  expect(await queue.redis.exists(queue.keys.edit(message(1).id))).toBe(0);
  expect(await taken(queue, 1)).toEqual(["new"]);
});

test("an edit of a message that will not come is not kept", async () => {
  await using queue = open();
  await queue.inbox.accept([edited(1, "talk", 1, false)]);
  expect(await queue.redis.exists(queue.keys.edit(message(1).id))).toBe(0);
});

test("an edit of a part that waits to be joined changes that part", async () => {
  await using queue = open();
  const part = { kind: "cut", glue: "" } as const;
  await queue.inbox.accept([
    said(1, { text: "a", part }),
    said(2, { text: "b", part }),
    said(3, { text: "c" }),
  ]);
  await queue.inbox.accept([edited(2, "B")]);
  expect(await taken(queue, 1)).toEqual(["aBc"]);
});

test("an edit changes nothing once the turn has begun, not for a later run either", async () => {
  await using queue = open();
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length > 1) return await finish(queue, turn);
    await queue.inbox.accept([edited(1, "changed")]);
    throw new Error("a defect");
  });
  await queue.inbox.accept([said(1)]);
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.text)).toEqual(["question 1", "question 1"]);
});

test("a message that is deleted while it waits is gone, also when it is delivered again", async () => {
  await using queue = open();
  await queue.inbox.accept([said(1), edited(1, "changed"), said(2)]);
  await queue.inbox.accept([deleted(1)]);
  await queue.inbox.accept([said(1), deleted(1)]);
  expect(await taken(queue, 1)).toEqual(["question 2"]);
});

test("a deletion that overtakes its message and its edits leaves nothing of them", async () => {
  await using queue = open();
  await queue.inbox.accept([edited(1, "changed"), deleted(1)]);
  await queue.inbox.accept([edited(1, "changed again", 2), said(1), said(2)]);
  expect(await taken(queue, 1)).toEqual(["question 2"]);
});

test("a deletion stops the answer that runs, and says that it is one", async () => {
  await using queue = open();
  const running = Promise.withResolvers<void>();
  const reason = Promise.withResolvers<unknown>();
  await using _workers = startWorkers(queue, async (turn, { stop }) => {
    running.resolve();
    await once(stop, "abort");
    reason.resolve(stop.reason);
    return await finish(queue, turn);
  });
  await queue.inbox.accept([said(1)]);
  await running.promise;
  await queue.inbox.accept([deleted(1)]);
  expect(await reason.promise).toBeInstanceOf(QuestionDeleted);
});

test("a deletion is found by a later run, and does nothing to another's turn", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length > 1) return await finish(queue, turn);
    await queue.inbox.accept([deleted(1)]);
    throw new Error("a defect");
  });
  await queue.inbox.accept([said(1), said(2)]);
  await seen.all;
  expect(seen.turns.map(({ stopped, message: { order } }) => [order, stopped])).toEqual([
    [1, undefined],
    [1, "asked"],
    [2, undefined],
  ]);
});
