/** A chat that gets another id: what is remembered, waits and runs goes on under the new one. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Arrival } from "../../src/core/inbox.ts";
import type { TurnEnd } from "../../src/core/turn.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

const [group, supergroup] = ["-5", "-1005"];
const moved: Arrival = { kind: "moved", from: conversation(group), to: conversation(supergroup) };

/** In the group ids are high by now; in the supergroup they begin anew. */
const before = (order: number): Arrival => ({ kind: "message", message: message(order, { chat: group }) });
const after = (order: number): Arrival => ({
  kind: "message",
  message: message(order, { chat: supergroup }),
});

/** Finishes each turn; resolves with `count` of them. */
async function takes(queue: OpenQueue, count: number): Promise<readonly TakenTurn[]> {
  const seen = recorder(count);
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    seen.add(turn);
    return end;
  });
  await seen.all;
  return seen.turns;
}

const textsOf = (turn: TakenTurn | undefined) => turn?.history.map(({ text }) => text);

/** Every key that names the conversation. */
async function keysOf(queue: OpenQueue, chat: string): Promise<readonly string[]> {
  const keys = await queue.redis.keys(`${queue.keys.prefix}:*${conversation(chat)}`);
  return keys.map((key) => key.slice(queue.keys.prefix.length + 1)).toSorted();
}

test("what was said before is known after it, in order, however low the new message ids are", async () => {
  await using queue = open();
  await queue.inbox.accept([before(101), before(102)]);
  await takes(queue, 2);
  await queue.inbox.accept([moved, after(2)]);
  const [turn] = await takes(queue, 1);
  expect(turn?.message.conversation).toBe(conversation(supergroup));
  expect(textsOf(turn)).toEqual(["answer 102", "question 102", "answer 101", "question 101"]);
  await queue.inbox.accept([after(3)]);
  const [next] = await takes(queue, 1);
  expect(textsOf(next)?.slice(0, 3)).toEqual(["answer 2", "question 2", "answer 102"]);
  expect(await keysOf(queue, group)).toEqual([
    `journal:${conversation(group)}`,
    `moved:${conversation(group)}`,
  ]);
});

test("what waits is taken under the new id, before what was said there", async () => {
  await using queue = open();
  await queue.inbox.accept([before(101), before(102), moved, after(2), after(3)]);
  const turns = await takes(queue, 4);
  expect(turns.map(({ message: { text } }) => text)).toEqual([
    "question 101",
    "question 102",
    "question 2",
    "question 3",
  ]);
  expect(new Set(turns.map(({ fence }) => fence.conversation))).toEqual(new Set([conversation(supergroup)]));
  expect(turns.map(({ message: { id } }) => id)[0]).toBe(message(101, { chat: group }).id);
});

test("told again and again, by either chat, it changes nothing more", async () => {
  await using queue = open();
  await queue.inbox.accept([before(101)]);
  await takes(queue, 1);
  await queue.inbox.accept([moved]);
  await queue.inbox.accept([moved, after(2), moved]);
  const [turn] = await takes(queue, 1);
  expect(textsOf(turn)).toEqual(["answer 101", "question 101"]);
});

test("what arrives late under the old id is answered under the new one", async () => {
  await using queue = open();
  await queue.inbox.accept([moved]);
  await queue.inbox.accept([before(101)]);
  const [turn] = await takes(queue, 1);
  expect(turn?.fence.conversation).toBe(conversation(supergroup));
  expect(await keysOf(queue, group)).toEqual([`moved:${conversation(group)}`]);
});

test("what was hidden stays hidden, and what is hidden now hides all of it", async () => {
  await using queue = open();
  await queue.inbox.accept([before(101)]);
  await takes(queue, 1);
  await queue.conversations.startAfresh(conversation(group), 102);
  await queue.inbox.accept([before(103)]);
  await takes(queue, 1);
  await queue.inbox.accept([moved, after(2)]);
  const [turn] = await takes(queue, 1);
  expect(textsOf(turn)).toEqual(["answer 103", "question 103"]);
  await queue.conversations.startAfresh(conversation(supergroup), 3);
  await queue.inbox.accept([after(4)]);
  const [afresh] = await takes(queue, 1);
  expect(textsOf(afresh)).toEqual([]);
});

test("a command that was on its way while the chat moved counts for where it is now", async () => {
  await using queue = open();
  await queue.inbox.accept([before(101)]);
  await takes(queue, 1);
  await queue.inbox.accept([moved, before(103), after(2)]);
  const stopped = await queue.conversations.stop({
    conversation: conversation(group),
    reach: "conversation",
    author: "5",
    everybodys: false,
    order: 104,
  });
  // Only what came under the new id goes on; the late one has not gone along yet.
  expect(stopped.dropped).toBe(0);
  await queue.conversations.startAfresh(conversation(group), 102);
  const turns = await takes(queue, 2);
  expect(turns.map(({ message: { text } }) => text)).toContain("question 103");
  expect(textsOf(turns.find(({ message: { text } }) => text === "question 2"))).not.toContain("question 101");
});

test("a running turn ends and is run again under the new id, with its pages, and the try does not count", async () => {
  await using queue = open();
  const seen = recorder(2);
  const ends: string[] = [];
  const page = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn, { handBack }) => {
    seen.add(turn);
    if (turn.fence.conversation === conversation(supergroup)) return await finish(queue, turn);
    await queue.store.recordPage(turn.fence, 0, "-5/9");
    page.resolve();
    await new Promise((resolve) => handBack.addEventListener("abort", resolve, { once: true }));
    // What it still had under way counts, and nothing else of it does.
    expect(await queue.store.recordPage(turn.fence, 1, "-5/10")).toBe("-5/10");
    const end = await finish(queue, turn);
    ends.push(end.kind);
    return { kind: "handedBack" } satisfies TurnEnd;
  });
  await queue.inbox.accept([before(101), before(102)]);
  await page.promise;
  await queue.inbox.accept([moved]);
  await seen.all;
  const [, again] = seen.turns;
  expect(ends).toEqual(["fenced"]);
  expect(again?.message.text).toBe("question 101");
  expect(again?.pages).toEqual(
    new Map([
      [0, "-5/9"],
      [1, "-5/10"],
    ]),
  );
  expect(again?.tries).toBe(1);
});

test("a turn that found out itself is run again at once", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (turn.fence.conversation === conversation(supergroup)) return await finish(queue, turn);
    await queue.store.move(turn.fence.conversation, conversation(supergroup), turn.fence.epoch);
    return { kind: "fenced" };
  });
  await queue.inbox.accept([before(101), before(102)]);
  await seen.all;
  expect(
    seen.turns.map(({ fence, message: { text }, takenOver }) => [fence.conversation, text, takenOver]),
  ).toEqual([
    [conversation(group), "question 101", false],
    [conversation(supergroup), "question 101", false],
    [conversation(supergroup), "question 102", false],
  ]);
});

test("a finished text goes along and is only delivered", async () => {
  await using queue = open();
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (turn.answer !== undefined) return await finish(queue, turn, turn.answer.text);
    await queue.store.generated(turn.fence, {
      text: "Purr.",
      end: "stop",
      usage: undefined,
      questionCut: false,
      leftOut: [],
      keepPages: 0,
      earlier: [{ role: "user", text: "question 100", tokens: 3, atMs: 1, order: 100 }],
      question: { role: "user", text: "question 101", tokens: 3, atMs: 1, order: 101 },
      deadLetter: undefined,
    });
    await queue.store.move(turn.fence.conversation, conversation(supergroup), turn.fence.epoch);
    return { kind: "fenced" };
  });
  await queue.inbox.accept([before(101)]);
  await seen.all;
  const [first, again] = seen.turns;
  expect(again?.answer).toMatchObject({ text: "Purr." });
  const { order } = again?.message ?? { order: 0 };
  expect(again?.answer?.question?.order).toBe(order);
  expect(again?.answer?.earlier.map((entry) => entry.order)).toEqual([order - 1]);
  expect(again?.message.order).toBeLessThan(first?.message.order ?? 0);
});

test("where the new id has a running turn of its own, the old one begins anew after it", async () => {
  await using queue = open();
  const seen = recorder(4);
  const both = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using _workers = startWorkers(queue, async (turn, { handBack }) => {
    seen.add(turn);
    if (seen.turns.length === 2) both.resolve();
    if (seen.turns.length > 2) return await finish(queue, turn);
    await Promise.race([go.promise, new Promise((resolve) => handBack.addEventListener("abort", resolve))]);
    return handBack.aborted ? { kind: "handedBack" } : await finish(queue, turn);
  });
  await queue.inbox.accept([before(101), after(2)]);
  await both.promise;
  await queue.inbox.accept([moved]);
  // Its own run goes on: nobody takes it away.
  await sleep(300);
  go.resolve();
  await queue.inbox.accept([after(3)]);
  await seen.all;
  expect(seen.turns.slice(2).map(({ message: { text } }) => text)).toEqual(["question 101", "question 3"]);
});

test("of a long history the newest five thousand entries go along", async () => {
  await using queue = open();
  const row = (order: number) => `3:${order}:${Date.now()}:{"v":1,"role":"user","text":"said ${order}"}`;
  const rows = Array.from({ length: 6_000 }, (_, index) => row(index + 1));
  await queue.redis.rpush(queue.keys.history(conversation(group)), ...rows);
  await queue.inbox.accept([moved, after(2)]);
  const [turn] = await takes(queue, 1);
  expect(turn?.history[0]?.text).toBe("said 6000");
  expect(await queue.redis.llen(queue.keys.history(conversation(supergroup)))).toBe(5_002);
});

test("text that looks like a message's fields goes along unchanged", async () => {
  await using queue = open();
  const text = `{"conversation":"${conversation(group)}","order":101} "order":7 \\"order\\":8 %1`;
  await queue.inbox.accept([{ kind: "message", message: message(101, { chat: group, text }) }, moved]);
  const [turn] = await takes(queue, 1);
  expect(turn?.message.text).toBe(text);
});

test("the chat's settings go along, and its former id is known", async () => {
  await using queue = open();
  await queue.redis.hset(queue.keys.settings(conversation(group)), "model", '"small"');
  await queue.inbox.accept([moved]);
  expect(await queue.redis.hgetall(queue.keys.settings(conversation(supergroup)))).toEqual({
    model: '"small"',
  });
  const standing = (chat: string) =>
    queue.access.standing({ platform: "telegram", scope: "1", chat, author: "5" });
  expect((await standing(supergroup)).formerChat).toBe(group);
  expect((await standing(group)).formerChat).toBeUndefined();
});
