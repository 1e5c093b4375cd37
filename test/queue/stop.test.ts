import { once } from "node:events";
import { expect, test } from "vitest";
import { toConversationId } from "../../src/core/conversation.ts";
import { offerOwnership } from "../../src/queue/conversation-store.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

test("stopping reaches the running turn in another process and drops what the same person has waiting", async () => {
  await using queue = open();
  await using other = queues.openAgain();
  const running = Promise.withResolvers<void>();
  const ended = recorder(2);
  await using _workers = startWorkers(queue, async (turn, { stop }) => {
    if (turn.message.order === 1) {
      running.resolve();
      await once(stop, "abort");
    }
    ended.add(turn);
    return await finish(queue, turn);
  });
  const bob = { author: { id: "6", name: "Bob" } };
  await queue.inbox.accept(
    [message(1), message(2), message(3, bob)].map((m) => ({ kind: "message", message: m })),
  );
  await running.promise;
  const request = {
    conversation: conversation(),
    reach: "conversation",
    author: "5",
    everybodys: false,
    order: 9,
  } as const;
  expect(await other.conversations.stop(request)).toEqual({ running: true, foreign: false, dropped: 1 });
  await ended.all;
  expect(ended.turns.map((turn) => turn.message.order)).toEqual([1, 3]);
});

test("somebody else's running answer is not stopped", async () => {
  await using queue = open();
  const running = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn, { stop }) => {
    running.resolve();
    await mayEnd.promise;
    expect(stop.aborted).toBe(false);
    return await finish(queue, turn);
  });
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await running.promise;
  const request = {
    conversation: conversation(),
    reach: "conversation",
    author: "6",
    everybodys: false,
    order: 9,
  } as const;
  expect(await queue.conversations.stop(request)).toEqual({ running: false, foreign: true, dropped: 0 });
  mayEnd.resolve();
});

test("stopping a whole chat reaches the turns in its threads", async () => {
  await using queue = open();
  const stopped = recorder(2);
  const running = recorder(2);
  await using _workers = startWorkers(queue, async (turn, { stop }) => {
    running.add(turn);
    await once(stop, "abort");
    stopped.add(turn);
    return await finish(queue, turn);
  });
  const inThread = (order: number) =>
    message(order, {
      conversation: toConversationId({ platform: "telegram", scope: "1", chat: "7", thread: String(order) }),
    });
  await queue.inbox.accept([1, 2].map((order) => ({ kind: "message", message: inThread(order) })));
  await running.all;
  const request = {
    conversation: conversation(),
    reach: "chat",
    author: "5",
    everybodys: false,
    order: 9,
  } as const;
  expect(await queue.conversations.stop(request)).toEqual({ running: true, foreign: false, dropped: 0 });
  await stopped.all;
});

test("the one-time code makes one owner", async () => {
  await using queue = open();
  const code = (await offerOwnership(queue.redis, queue.keys)) ?? "";
  expect(await offerOwnership(queue.redis, queue.keys)).toBe(code);
  const claims = (said: string, person: number, order: number) =>
    queue.conversations.claimOwnership(said, `telegram:${person}`, message(order).id);
  expect(await claims("wrong", 6, 1)).toBe(false);
  expect(await claims(code, 5, 2)).toBe(true);
  expect(await claims(code, 6, 3)).toBe(false);
  expect(await claims(code, 5, 2)).toBe(true);
  expect(await queue.access.owners()).toEqual(["telegram:5"]);
  expect(await offerOwnership(queue.redis, queue.keys)).toBe(undefined);
});

test("a code that was guessed at too often is void", async () => {
  await using queue = open();
  const code = (await offerOwnership(queue.redis, queue.keys)) ?? "";
  for (let guess = 0; guess < 20; guess++)
    await queue.conversations.claimOwnership(String(guess), "telegram:6", message(guess).id);
  expect(await queue.conversations.claimOwnership(code, "telegram:5", message(20).id)).toBe(false);
});
