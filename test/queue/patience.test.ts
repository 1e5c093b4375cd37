/** Limits on what waits: beyond each of them a message is left out, its author is told once, and nothing else suffers. */

import { expect, test } from "vitest";
import type { CommandAnswer } from "../../src/core/commands/command-answer.ts";
import type { IncomingMessage } from "../../src/core/message.ts";
import { endlessPatience, type Patience } from "../../src/core/patience.ts";
import type { TurnEnd } from "../../src/core/turn.ts";
import { words } from "../../src/core/words.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { message } from "./open-test-queue.ts";
import { finish, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();

function open(limits: Partial<Patience>, waits: Parameters<typeof queues.open>[0] = {}) {
  return queues.open(waits, { ...endlessPatience, ...limits });
}

/** May not use the bot. */
const stranger = "99";

/** Workers that answer at once, unless `hold` says to keep a turn until `release`. */
function start(queue: OpenQueue, hold = false) {
  const answered: string[] = [];
  const told: (readonly [message: string, text: string, audience: string])[] = [];
  const over = Promise.withResolvers<void>();
  const answer = async ({ id }: { readonly id: string }, { text, audience }: CommandAnswer) => {
    told.push([id, text, audience]);
    return 0;
  };
  const workers = startWorkers(
    queue,
    async (turn): Promise<TurnEnd> => {
      if (hold) await over.promise;
      answered.push(turn.message.nativeId);
      return await finish(queue, turn);
    },
    { answer, refuse: async ({ author }) => (author.id === stranger ? { answer: undefined } : undefined) },
  );
  return { answered, told, release: () => over.resolve(), ...workers };
}

async function arrive(queue: OpenQueue, messages: readonly IncomingMessage[]): Promise<void> {
  for (const one of messages) await queue.inbox.accept([{ kind: "message", message: one }]);
}

const of = (person: string, chat: string, order: number, changes: Partial<IncomingMessage> = {}) =>
  message(order, { chat, author: { id: person, name: "Ann" }, ...changes });

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("a person beyond their messages a minute is told once, wherever they write; others go on", async () => {
  const limits = { ...endlessPatience, personPerMinute: 3 };
  await using queue = open(limits);
  await using run = start(queue);
  await arrive(queue, [of("5", "7", 1), of("5", "8", 2), of("5", "9", 3)]);
  await arrive(queue, [of("5", "7", 4), of("5", "7", 5), of("6", "7", 6)]);
  await expect.poll(() => run.answered.toSorted()).toEqual(["1", "2", "3", "6"]);
  await expect.poll(() => run.told).toHaveLength(1);
  expect(run.told[0]).toEqual([of("5", "7", 4).id, words.tooMuch["person-rate"](limits), "place"]);
});

test("a conversation beyond its messages a minute is told once, whoever wrote", async () => {
  const limits = { ...endlessPatience, conversationPerMinute: 2 };
  await using queue = open(limits);
  await using run = start(queue);
  await arrive(queue, [of("1", "7", 1), of("2", "7", 2), of("3", "7", 3), of("4", "7", 4), of("4", "8", 5)]);
  await expect.poll(() => run.answered.toSorted()).toEqual(["1", "2", "5"]);
  await expect.poll(() => run.told).toHaveLength(1);
  expect(run.told[0]).toEqual([of("3", "7", 3).id, words.tooMuch["conversation-rate"](limits), "place"]);
});

test("what a conversation has too much is told to the first who may use the bot, whoever was beyond it before", async () => {
  const limits = { ...endlessPatience, conversationPerMinute: 2 };
  await using queue = open(limits);
  await using run = start(queue);
  await arrive(queue, [
    of(stranger, "7", 1),
    of(stranger, "7", 2),
    of(stranger, "7", 3),
    of(stranger, "7", 4),
  ]);
  await arrive(queue, [of("5", "7", 5), of("6", "7", 6)]);
  await expect.poll(() => run.told).toHaveLength(1);
  await expect.poll(() => queue.redis.llen(`${queue.keys.prefix}:commands:wait`)).toBe(0);
  await expect.poll(() => queue.redis.llen(`${queue.keys.prefix}:commands:active`)).toBe(0);
  expect(run.told).toEqual([[of("5", "7", 5).id, words.tooMuch["conversation-rate"](limits), "place"]]);
});

test("what waits of a person is counted wherever it waits, and no longer when it is answered", async () => {
  const limits = { ...endlessPatience, personWaiting: 2 };
  await using queue = open(limits);
  await using run = start(queue, true);
  await arrive(queue, [of("5", "7", 1), of("5", "8", 2), of("5", "9", 3), of("6", "9", 4)]);
  await expect.poll(() => run.told).toHaveLength(1);
  expect(run.told[0]?.[1]).toBe(words.tooMuch["person-waiting"](limits));
  run.release();
  await expect.poll(() => run.answered.toSorted()).toEqual(["1", "2", "4"]);
  await arrive(queue, [of("5", "7", 5), of("5", "8", 6)]);
  await expect.poll(() => run.answered.toSorted()).toEqual(["1", "2", "4", "5", "6"]);
});

test("a conversation in which enough waits takes no more until it is further", async () => {
  const limits = { ...endlessPatience, conversationWaiting: 3 };
  await using queue = open(limits);
  await using run = start(queue, true);
  await arrive(
    queue,
    numbers(5).map((order) => of(String(order), "7", order)),
  );
  await expect.poll(() => run.told.map(([id]) => id)).toEqual([of("4", "7", 4).id]);
  run.release();
  await expect.poll(() => run.answered).toEqual(["1", "2", "3"]);
});

test("one more conversation than all together may be is turned away; those that are in go on", async () => {
  await using queue = open({ conversationsWaiting: 2 });
  await using run = start(queue, true);
  await arrive(queue, [of("1", "7", 1), of("2", "8", 2), of("3", "9", 3), of("1", "7", 4)]);
  await expect.poll(() => run.told).toEqual([[of("3", "9", 3).id, words.tooMuch.everything(), "place"]]);
  run.release();
  await expect.poll(() => run.answered.toSorted()).toEqual(["1", "2", "4"]);
});

test("while others wait too long for a worker, nobody new is taken on; then they are again", async () => {
  await using queue = open({ waitingMs: 1_100 }, { waitedMs: 300 });
  await arrive(queue, [of("1", "7", 1)]);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await using run = start(queue);
  await expect.poll(() => run.answered).toEqual(["1"]);
  await arrive(queue, [of("2", "8", 2)]);
  await expect.poll(() => run.told.map(([id]) => id)).toEqual([of("2", "8", 2).id]);
  await expect.poll(async () => await queue.redis.exists(queue.keys.waited)).toBe(0);
  await arrive(queue, [of("3", "9", 3)]);
  await expect.poll(() => run.answered).toEqual(["1", "3"]);
});

test("that somebody waited long for a worker holds up nobody who waits as well", async () => {
  await using queue = open({}, { waitedMs: 60_000 });
  await arrive(queue, [of("1", "7", 1)]);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await using run = start(queue);
  await expect.poll(() => run.answered).toEqual(["1"]);
  expect(await queue.redis.exists(queue.keys.waited)).toBe(1);
  await arrive(queue, [of("2", "8", 2)]);
  await expect.poll(() => run.answered).toEqual(["1", "2"]);
});

const ofBot = (order: number) =>
  of("9", "7", order, { author: { id: "9", name: "Robo", isBot: true }, place: "group" });

test("other bots are nobody unless it is set so", async () => {
  await using queue = open({});
  await using run = start(queue);
  await arrive(queue, [ofBot(1), of("5", "7", 2)]);
  await expect.poll(() => run.answered).toEqual(["2"]);
  expect(await queue.redis.exists(queue.keys.seen(ofBot(1).id))).toBe(0);
});

test("bots that do not tire are left alone for a while, which is said once; people are not", async () => {
  await using queue = open({ otherBots: true });
  await using run = start(queue);
  await arrive(queue, [...numbers(30).map(ofBot), of("5", "7", 31)]);
  await expect.poll(() => run.answered).toEqual([...numbers(20), 31].map(String));
  await expect.poll(() => run.told).toEqual([[ofBot(21).id, words.tooMuch.bots(), "place"]]);
  const silence = await queue.redis.pttl(queue.keys.bots(ofBot(1).conversation));
  expect(silence).toBeGreaterThan(50_000);
});

test("what was left out is so when it is delivered again, and is told once", async () => {
  await using queue = open({ personPerMinute: 1 });
  const left = of("5", "7", 2);
  await arrive(queue, [of("5", "7", 1), left, left]);
  await using run = start(queue);
  await arrive(queue, [left]);
  await expect.poll(() => run.answered).toEqual(["1"]);
  await expect.poll(() => run.told.map(([id]) => id)).toEqual([left.id]);
  await arrive(queue, [of("9", "8", 3)]);
  await expect.poll(() => run.answered).toEqual(["1", "3"]);
  expect(run.told).toHaveLength(1);
});

test("a text in ten parts and talk that is not for the bot do not use up a person's messages", async () => {
  await using queue = open({ personPerMinute: 2 });
  await using run = start(queue);
  const part = { kind: "cut", glue: "" } as const;
  const text = numbers(9).map((order) => of("5", "7", order, { part, text: "x".repeat(4_000) }));
  await arrive(queue, [...text, of("5", "7", 10)]);
  await arrive(
    queue,
    numbers(30).map((order) => of("5", "9", 100 + order, { answer: false })),
  );
  await expect.poll(() => run.answered).toContain("1");
  expect(run.told).toEqual([]);
});

test("a text in parts and an album are taken whole, or not at all", async () => {
  const limits = { ...endlessPatience, personWaiting: 3, conversationWaiting: 4 };
  await using queue = open(limits);
  const part = { kind: "cut", glue: "" } as const;
  const text = numbers(7).map((order) => of("5", "7", order, { part }));
  const album = numbers(9).map((order) => of("6", "8", order, { part: { kind: "album", key: "a" } }));
  await arrive(queue, [...text, of("5", "7", 8), ...album]);
  const later = [of("5", "7", 9, { sentAtMs: 1_700_000_060_000 }), of("6", "8", 20)];
  await arrive(queue, later);
  expect(await queue.redis.hlen(queue.keys.messages(of("5", "7", 1).conversation))).toBe(8);
  expect(await queue.redis.hlen(queue.keys.messages(of("6", "8", 1).conversation))).toBe(9);
  await using run = start(queue);
  await expect
    .poll(() => run.told.map(([id]) => id).toSorted())
    .toEqual(later.map(({ id }) => id).toSorted());
  await expect.poll(() => run.answered).toHaveLength(2);
});

test("the end of a text whose beginning was taken is, though it is one message too many in this minute", async () => {
  const limits = { ...endlessPatience, personPerMinute: 2 };
  await using queue = open(limits);
  const part = { kind: "cut", glue: "" } as const;
  await arrive(queue, [
    of("5", "8", 1),
    of("5", "7", 2, { part }),
    of("5", "7", 3, { part }),
    of("5", "7", 4),
  ]);
  await arrive(queue, [of("5", "7", 5)]);
  expect(await queue.redis.hlen(queue.keys.messages(of("5", "7", 1).conversation))).toBe(3);
  await using run = start(queue);
  await expect.poll(() => run.told.map(([id]) => id)).toEqual([of("5", "7", 5).id]);
  await expect.poll(() => run.answered.toSorted()).toEqual(["1", "2"]);
});
