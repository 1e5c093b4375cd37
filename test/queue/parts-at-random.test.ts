/** Many people's texts, albums and talk in one conversation, delivered again and again, to workers that fail. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { IncomingMessage } from "../../src/core/message.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { createRandom } from "../world/random.ts";
import { startTestRedis, type TestRedis } from "../world/redis.ts";
import { message, openTestQueue, shrunk } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

type Random = () => number;
type Draft = Omit<Partial<IncomingMessage>, "order">;

const authors = ["ann", "bob", "eve"];
const thingsPerAuthor = 6;

/** One thing that somebody says, as the messages that it arrives as. */
function createThing(random: Random, name: string, sentAtMs: number): readonly Draft[] {
  const common = { author: { id: name.slice(0, 3), name }, sentAtMs };
  const kind = random();
  const drafts: Draft[] =
    kind < 0.4
      ? [{ ...common, text: `${name}.` }]
      : kind < 0.8
        ? createCutText(random, name).map((draft) => ({ ...common, ...draft }))
        : // A full album, which waits for nothing more.
          Array.from({ length: 10 }, (_, index) => ({
            ...common,
            text: index === 3 ? `${name}.` : "",
            unsupported: "a photo",
            part: { kind: "album", key: name } as const,
          }));
  const talk = random();
  if (talk < 0.6) return drafts;
  // For the bot is one part, or none.
  const forBot = talk < 0.8 ? Math.floor(random() * drafts.length) : -1;
  return drafts.map((draft, index) => (index === forBot ? draft : { ...draft, onlyAsPart: true }));
}

function createCutText(random: Random, name: string): readonly Draft[] {
  const cuts = 1 + Math.floor(random() * 3);
  const parts = Array.from({ length: cuts }, (_, index) => ({
    text: index === 0 ? `${name}:` : String(index),
    part: { kind: "cut", glue: "" } as const,
  }));
  return [...parts, { text: "." }];
}

/** Everybody's things, one after another for each, shuffled among each other. */
function shuffle(random: Random, threads: readonly (readonly Draft[])[]): readonly IncomingMessage[] {
  const left = threads.map((drafts) => [...drafts]);
  const shuffled: IncomingMessage[] = [];
  while (left.some((drafts) => drafts.length > 0)) {
    const draft = left[Math.floor(random() * left.length)]?.shift();
    if (draft !== undefined) shuffled.push(message(shuffled.length + 1, draft));
  }
  return shuffled;
}

/** Delivers in order, in batches of any size, some of it again. */
async function deliver(
  queue: OpenQueue,
  messages: readonly IncomingMessage[],
  random: Random,
): Promise<void> {
  for (let at = 0; at < messages.length; ) {
    const size = 1 + Math.floor(random() * 5);
    const again = messages.slice(0, at).filter(() => random() < 0.1);
    const batch = [...messages.slice(at, at + size), ...again];
    await queue.inbox.accept(batch.map((one) => ({ kind: "message", message: one })));
    at += size;
  }
}

const isForBot = (drafts: readonly Draft[]) => drafts.some(({ onlyAsPart }) => onlyAsPart !== true);
const textOf = (drafts: readonly Draft[]) => drafts.map(({ text }) => text).join("");

test.concurrent.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "everything said to the bot is taken once and whole, in its author's order (seed %i)",
  async (seed) => {
    const random = createRandom(seed);
    const said = authors.map((name) =>
      Array.from({ length: thingsPerAuthor }, (_, index) =>
        createThing(random, `${name}${index}`, index * 10_000),
      ),
    );
    const expected = said.map((things) => things.filter(isForBot).map(textOf));
    const messages = shuffle(
      random,
      said.map((things) => things.flat()),
    );
    const timing = { ...shrunk, textPartMs: 3_000, albumPartMs: 60_000 };
    await using queue = openTestQueue(redis.url, { namespace: `random${seed}`, timing });
    const ended = recorder(expected.flat().length);
    let latest = startWorkers(queue, run);
    async function run(turn: Parameters<Parameters<typeof startWorkers>[1]>[0]) {
      const fate = random();
      if (fate < 0.15) throw new Error("a defect");
      if (fate < 0.3) {
        await queue.store.release(turn.fence, { finals: new Map(), unsettled: false });
        return { kind: "later", waitMs: 1 } as const;
      }
      const end = await finish(queue, turn);
      if (end.kind === "finished") ended.add(turn);
      return end;
    }
    const delivered = deliver(queue, messages, random);
    for (let restart = 0; restart < 3; restart += 1) {
      await latest.stop(0);
      latest = startWorkers(queue, run);
    }
    await delivered;
    await ended.all;
    await deliver(queue, messages, random);
    await latest.stop(1_000);
    const taken = authors.map((name) =>
      ended.turns.filter(({ message: { author } }) => author.id === name).map((turn) => turn.message.text),
    );
    expect(taken).toEqual(expected);
  },
);
