/** Who was turned away and waits: kept once, for a week, in bounds, whatever another version has written beside it. */

import { expect, test } from "vitest";
import type { MessageId } from "../../src/core/conversation.ts";
import type { IncomingMessage } from "../../src/core/message.ts";
import { endlessPatience } from "../../src/core/patience.ts";
import type { Refusal } from "../../src/core/refusal.ts";
import { keptRequests, requestSeconds } from "../../src/queue/keys.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { message } from "./open-test-queue.ts";
import { createTestQueues } from "./test-queues.ts";

const { open } = createTestQueues();

function refusal(entry: string, key = entry): Refusal {
  const request = { platform: "telegram", scope: "1", entry, subject: "person", name: "Eve" } as const;
  return { key, text: "no", request };
}

const turnAway = (queue: OpenQueue, entry: string, id: string) =>
  queue.requests.turnAway(refusal(entry), id as MessageId);

const entriesOf = async (queue: OpenQueue) => (await queue.requests.waiting()).map(({ entry }) => entry);

/** How many errands tell the admins of somebody. */
async function told(queue: OpenQueue): Promise<number> {
  return (await queue.redis.keys(`${queue.keys.prefix}:commands:request-*`)).length;
}

test("one message a day shows the refusal, and asks again with the same outcome; the request is told once", async () => {
  await using queue = open();
  expect(await turnAway(queue, "telegram:5", "a")).toBe(true);
  expect(await turnAway(queue, "telegram:5", "a")).toBe(true);
  expect(await turnAway(queue, "telegram:5", "b")).toBe(false);
  expect(await entriesOf(queue)).toEqual(["telegram:5"]);
  expect(await told(queue)).toBe(1);
});

test("after a week the request is forgotten, and told again when they come back", async () => {
  await using queue = open();
  await turnAway(queue, "telegram:5", "a");
  const longAgo = Date.now() - requestSeconds * 1_000 - 1;
  await queue.redis.zadd(queue.keys.requests, longAgo, "telegram:5");
  await turnAway(queue, "telegram:5", "b");
  expect(await told(queue)).toBe(2);
  const [waiting] = await queue.requests.waiting();
  expect(waiting?.atMs).toBeGreaterThan(longAgo);
});

test("so many are kept and no more, and a few of a flood are told one by one", async () => {
  await using queue = open();
  const crowd = Array.from({ length: keptRequests + 5 }, (_, index) => `telegram:${index + 1}`);
  for (const entry of crowd) await turnAway(queue, entry, entry);
  expect(await entriesOf(queue)).toHaveLength(keptRequests);
  expect(await told(queue)).toBe(10);
});

test("a request of another version hides no other one", async () => {
  await using queue = open();
  await turnAway(queue, "telegram:5", "a");
  await queue.redis.hset(queue.keys.requesters, "telegram:6", '{"v":2}');
  expect(await entriesOf(queue)).toEqual(["telegram:5"]);
});

test("a refusal that asks for nothing is shown and not kept", async () => {
  await using queue = open();
  const denied = { ...refusal("telegram:5"), request: undefined };
  expect(await queue.requests.turnAway(denied, "a" as MessageId)).toBe(true);
  expect(await entriesOf(queue)).toEqual([]);
  expect(await told(queue)).toBe(0);
});

test("who may speak has back what parts of somebody else's text took, and no more", async () => {
  await using queue = open({}, { ...endlessPatience, conversationPerMinute: 3 });
  const accept = (one: IncomingMessage) => queue.inbox.accept([{ kind: "message", message: one }]);
  const isIn = async ({ id, conversation }: IncomingMessage) =>
    (await queue.redis.zscore(queue.keys.inbox(conversation), id)) !== null;
  await accept(message(1));
  await accept(message(2));
  for (const order of [3, 4]) {
    const part = message(order, { part: { kind: "cut", glue: "" } });
    await accept(part);
    await queue.requests.turnAway(refusal("telegram:5"), part.id, part);
  }
  await accept(message(5));
  await accept(message(6));
  expect(await isIn(message(5))).toBe(true);
  expect(await isIn(message(6))).toBe(false);
});
