import { expect, test } from "vitest";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

test("a taken-over turn keeps the progress that it makes from then on", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length === 1) throw new Error("a defect");
    if (seen.turns.length === 3) return await finish(queue, turn);
    await queue.store.release(turn.fence, {
      finals: new Map([[0, { fingerprint: "page 0", plain: true }]]),
      unsettled: true,
    });
    return { kind: "later", waitMs: 1 };
  });
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await seen.all;
  const last = seen.turns[2];
  expect(last?.takenOver).toBe(true);
  expect(last?.finals.get(0)).toEqual({ fingerprint: "page 0", plain: true });
  expect(last?.unsettled).toBe(true);
});

test("a stop reaches nothing that was asked after it", async () => {
  await using queue = open();
  const running = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn, { stop }) => {
    running.resolve();
    await mayEnd.promise;
    expect(stop.aborted).toBe(false);
    return await finish(queue, turn);
  });
  await queue.inbox.accept([{ kind: "message", message: message(3) }]);
  await running.promise;
  const request = { reach: "conversation", author: "5", everybodys: true, order: 2 } as const;
  const stopped = await queue.conversations.stop({ conversation: conversation(), ...request });
  expect(stopped).toEqual({ running: false, foreign: false, dropped: 0 });
  mayEnd.resolve();
});

test("a stop is found although nobody heard it", async () => {
  await using queue = open();
  const running = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn, { stop }) => {
    stop.addEventListener("abort", () => stopped.resolve());
    running.resolve();
    await stopped.promise;
    return await finish(queue, turn);
  });
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await running.promise;
  await queue.redis.set(queue.keys.stop(conversation()), message(1).id);
  await stopped.promise;
});

test("half a surrogate pair in a text or a name strands nobody", async () => {
  await using queue = open();
  const seen = recorder(1);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  const odd = message(1, { text: "half \ud83d", author: { id: "5", name: "\udc00Ann" } });
  await queue.inbox.accept([{ kind: "message", message: odd }]);
  await seen.all;
  expect(seen.turns[0]?.message).toMatchObject({ text: "half \ufffd", author: { name: "\ufffdAnn" } });
});

test("a message of a version that nobody reads here waits and uses up no try", async () => {
  await using queue = open();
  const seen = recorder(1);
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  const stored = queue.keys.messages(conversation());
  const readable = (await queue.redis.hget(stored, message(1).id)) ?? "";
  await queue.redis.hset(stored, message(1).id, readable.replace('"v":1', '"v":99'));
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  const journal = queue.keys.journal(conversation());
  for (;;) {
    const [holder, tries] = await queue.redis.hmget(journal, "holder", "tries");
    if (holder === "" && tries === "0") break;
  }
  await queue.redis.hset(stored, message(1).id, readable);
  await seen.all;
  expect(seen.turns[0]?.tries).toBe(1);
});

test("nothing new is taken while the process is going", async () => {
  await using queue = open();
  const begun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const seen = recorder(1);
  const workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    begun.resolve();
    await mayEnd.promise;
    return await finish(queue, turn);
  });
  await queue.inbox.accept([1, 2].map((order) => ({ kind: "message", message: message(order) })));
  await begun.promise;
  const stopped = workers.stop(10_000);
  mayEnd.resolve();
  await stopped;
  expect(seen.turns.map((turn) => turn.message.order)).toEqual([1]);
  expect(await queue.redis.zcard(queue.keys.inbox(conversation()))).toBe(1);
});
