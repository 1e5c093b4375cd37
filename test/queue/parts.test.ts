import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { IncomingMessage, Part } from "../../src/core/message.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

const cut: Part = { kind: "cut", glue: "" };
const bob = { author: { id: "6", name: "Bob" } };
const album = (key: string): Part => ({ kind: "album", key });
function picture(order: number, key: string, changes: Parameters<typeof message>[1] = {}): IncomingMessage {
  return message(order, { text: "", unsupported: "a photo", part: album(key), ...changes });
}

async function accept(queue: OpenQueue, ...messages: readonly IncomingMessage[]): Promise<void> {
  await queue.inbox.accept(messages.map((one) => ({ kind: "message", message: one })));
}

/** The texts of the next `count` turns, in their order. */
async function taken(queue: OpenQueue, count: number): Promise<readonly string[]> {
  const seen = recorder(count);
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    seen.add(turn);
    return end;
  });
  await seen.all;
  expect(await queue.redis.zcard(queue.keys.inbox(conversation()))).toBe(0);
  expect(await queue.redis.exists(queue.keys.messages(conversation()))).toBe(0);
  return seen.turns.map((turn) => turn.message.text);
}

test("the parts of a text are one turn, put together as they were cut", async () => {
  await using queue = open();
  const line: Part = { kind: "cut", glue: "\n" };
  await accept(
    queue,
    message(1, { text: "be", part: cut }),
    message(2, { text: "fore.", part: line }),
    message(3, { text: "After." }),
    message(4),
  );
  expect(await taken(queue, 2)).toEqual(["before.\nAfter.", "question 4"]);
});

test("a text waits for its parts, and its last one ends the wait", async () => {
  await using queue = open({ textPartMs: 60_000 });
  const turns = taken(queue, 1);
  await accept(queue, message(1, { text: "a", part: cut }));
  await accept(queue, message(2, { text: "b", part: cut }));
  await accept(queue, message(3, { text: "c" }));
  expect(await turns).toEqual(["abc"]);
});

test("a long text that nothing follows is answered all the same", async () => {
  await using queue = open();
  await accept(queue, message(1, { part: cut }));
  expect(await taken(queue, 1)).toEqual(["question 1"]);
});

test("an album that is full waits no longer", async () => {
  await using queue = open({ albumPartMs: 60_000 });
  await accept(
    queue,
    ...Array.from({ length: 10 }, (_, index) => picture(index + 1, "x", { text: `${index}` })),
  );
  expect(await taken(queue, 1)).toEqual(["0\n1\n2\n3\n4\n5\n6\n7\n8\n9"]);
});

test.for([
  ["said too late", message(2, { sentAtMs: message(1).sentAtMs + 5_000 })],
  ["not a text", message(2, { unsupported: "a photo" })],
  ["a part of an album", picture(2, "x", { text: "question 2" })],
] as const)("what follows a long text is a question of its own when it is %s", async ([, next]) => {
  await using queue = open();
  await accept(queue, message(1, { part: cut }), next);
  expect(await taken(queue, 2)).toEqual(["question 1", "question 2"]);
});

test("other people's messages between the parts stay their own, after what was begun before them", async () => {
  await using queue = open();
  await accept(
    queue,
    message(1, { text: "a", part: cut }),
    message(2, bob),
    message(3, { text: "b", part: cut }),
    message(4, bob),
    message(5, { text: "c" }),
  );
  expect(await taken(queue, 3)).toEqual(["abc", "question 2", "question 4"]);
});

test("an album is one turn with its captions, whoever writes in between", async () => {
  await using queue = open();
  await accept(
    queue,
    picture(1, "x", { text: "two cats" }),
    message(2, bob),
    picture(3, "x", { unsupported: "a video" }),
    picture(4, "y", { text: "a dog" }),
  );
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
  expect(seen.turns.map(({ message: { text, unsupported } }) => [text, unsupported])).toEqual([
    ["two cats", "a photo and a video"],
    ["question 2", undefined],
    ["a dog", "a photo"],
  ]);
});

test("a straggler that comes after the turn has begun is its own message", async () => {
  await using queue = open();
  const seen = recorder(2);
  const begun = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    begun.resolve();
    if (seen.turns.length === 1) await late.promise;
    return await finish(queue, turn);
  });
  await accept(queue, picture(1, "x"), picture(2, "x"));
  await begun.promise;
  await accept(queue, picture(3, "x"));
  late.resolve();
  await seen.all;
  expect(seen.turns.map((turn) => turn.fence.message)).toEqual([message(1).id, message(3).id]);
});

test("a run after a death has the same parts, and none that came meanwhile", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length > 1) return await finish(queue, turn);
    await accept(queue, message(3, { text: "c" }));
    throw new Error("a defect");
  });
  await accept(queue, message(1, { text: "a", part: cut }), message(2, { text: "b", part: cut }));
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.text)).toEqual(["ab", "ab", "c"]);
});

test("a part that is delivered again, before or after its turn, starts nothing", async () => {
  await using queue = open();
  const parts = [message(1, { text: "a", part: cut }), message(2, { text: "b" })];
  await accept(queue, ...parts, ...parts);
  expect(await taken(queue, 1)).toEqual(["ab"]);
  await accept(queue, ...parts);
  await accept(queue, message(3));
  expect(await taken(queue, 1)).toEqual(["question 3"]);
});

test("a wait holds up no other conversation and takes no worker's slot", async () => {
  await using queue = open({ albumPartMs: 60_000 });
  const seen = recorder(10);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  // The scripted workers have ten slots.
  const waiting = Array.from({ length: 20 }, (_, chat) => picture(1, "x", { chat: String(100 + chat) }));
  const others = Array.from({ length: 10 }, (_, chat) => message(1, { chat: String(200 + chat) }));
  await accept(queue, ...waiting);
  await accept(queue, ...others);
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.text)).toEqual(Array(10).fill("question 1"));
});

const among = { onlyAsPart: true } as const;

test("what is said to nobody in particular counts only together with a part that is for the bot", async () => {
  await using queue = open();
  await accept(
    queue,
    picture(1, "x", among),
    picture(2, "x", { text: "look" }),
    message(3, { ...among, ...bob, text: "talk", part: cut }),
    message(4, { ...among, text: "chat" }),
    message(5, { text: "a", part: cut }),
    message(6, { ...among, text: "b" }),
  );
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
  expect(seen.turns.map((turn) => [turn.message.text, turn.fence.message])).toEqual([
    ["look", message(2).id],
    ["ab", message(5).id],
  ]);
});

test("pictures among people hold up nobody who asks the bot", async () => {
  await using queue = open({ albumPartMs: 60_000 });
  await accept(queue, picture(1, "x", { ...among, ...bob }), message(2));
  const seen = recorder(1);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.text)).toEqual(["question 2"]);
});

test("talk among people leaves no trace", async () => {
  await using queue = open();
  const ofBob = { ...among, ...bob };
  await accept(queue, picture(1, "x", ofBob), message(2, { ...ofBob, part: cut }), message(3, ofBob));
  await using _workers = startWorkers(queue, async () => {
    throw new Error("Nobody spoke to the bot");
  });
  const { inbox, messages, pending } = queue.keys;
  const traces = [inbox(conversation()), messages(conversation()), pending];
  while ((await queue.redis.exists(...traces)) > 0) await sleep(10);
});

test("stopping drops the parts that wait, and none of a turn that runs", async () => {
  await using queue = open();
  const seen = recorder(1);
  const mayEnd = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    await mayEnd.promise;
    return await finish(queue, turn);
  });
  await accept(queue, message(1, { text: "a", part: cut }), message(2, { text: "b" }));
  await seen.all;
  await accept(queue, picture(3, "x"), picture(4, "x"));
  const request = { reach: "conversation", author: "5", everybodys: true, order: 9 } as const;
  expect(await queue.conversations.stop({ conversation: conversation(), ...request })).toEqual({
    running: true,
    foreign: false,
    dropped: 2,
  });
  expect(await queue.redis.zcard(queue.keys.inbox(conversation()))).toBe(2);
  mayEnd.resolve();
});
