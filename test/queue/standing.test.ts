/** What is stored about somebody who asks: the same by itself and within a turn, and as of the run that takes it. */

import { expect, test } from "vitest";
import type { MessageId } from "../../src/core/conversation.ts";
import { noStanding } from "../../src/core/standing.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const { open } = createTestQueues();

const asker = { platform: "telegram", scope: "1", chat: "-7", author: "5" };
const origin = (id: string) => ({
  id: id as MessageId,
  person: "telegram:9",
  conversation: conversation(),
  atMs: 1,
});

function decides(
  queue: OpenQueue,
  field: string,
  decision: "allow" | "deny" | undefined,
  id = `${field} ${decision}`,
) {
  const value = decision && JSON.stringify(decision);
  return queue.access.change({ list: "access", field, value, origin: origin(id) });
}

/** Runs `count` turns to their end. @returns what was taken */
async function takes(queue: OpenQueue, count: number, lateAfterMs = 0): Promise<readonly TakenTurn[]> {
  const seen = recorder(count);
  await using _workers = startWorkers(
    queue,
    async (turn) => {
      const end = await finish(queue, turn);
      seen.add(turn);
      return end;
    },
    { lateAfterMs },
  );
  await seen.all;
  return seen.turns;
}

test("of somebody about whom nothing is stored there is nothing", async () => {
  await using queue = open();
  expect(await queue.access.standing(asker)).toEqual(noStanding);
});

test("only what may concern the asker is found: the person, everybody, the scope, the chat and its former id", async () => {
  await using queue = open();
  const concerning = ["telegram:5", "telegram:1/5", "telegram:*", "telegram:1", "telegram:-7", "telegram:-4"];
  const others = ["telegram:6", "telegram:2", "telegram:-70", "slack:5", "slack:*"];
  for (const entry of [...concerning, ...others]) await decides(queue, entry, "deny");
  await queue.redis.set(queue.keys.formerly(conversation("-7")), conversation("-4"));
  const { decisions, formerChat } = await queue.access.standing(asker);
  expect(formerChat).toBe("-4");
  expect([...decisions.keys()].toSorted()).toEqual(concerning.toSorted());
});

test.each([
  ["an owner by the code", "owners", { isOwner: true }],
  ["an admin", "admins", { isAdmin: true }],
] as const)("%s is found by either form of their entry, and nobody else is", async (_who, key, expected) => {
  for (const entry of ["telegram:5", "telegram:1/5"]) {
    await using queue = open();
    if (key === "owners") await queue.redis.sadd(queue.keys.owners, entry);
    else await queue.redis.hset(queue.keys.admins, entry, '"admin"');
    expect(await queue.access.standing(asker)).toEqual({ ...noStanding, ...expected });
    expect(await queue.access.standing({ ...asker, author: "55" })).toEqual(noStanding);
  }
});

test("a turn knows of everybody whose messages it takes", async () => {
  await using queue = open();
  await decides(queue, "telegram:6", "deny");
  await queue.redis.hset(queue.keys.admins, "telegram:5", '"admin"', "local", "true");
  const bob = { id: "6", name: "Bob" };
  await queue.inbox.accept([
    { kind: "message", message: message(1) },
    { kind: "message", message: message(2, { author: bob }) },
  ]);
  // What was written long ago is late, and taken together.
  const [turn] = await takes(queue, 1, 1);
  const standing = (author: string) => queue.access.standing({ ...asker, chat: "7", author });
  expect(turn?.standings).toEqual(
    new Map([
      ["5", await standing("5")],
      ["6", await standing("6")],
    ]),
  );
  expect(turn?.standings.get("6")?.decisions).toEqual(new Map([["telegram:6", "deny"]]));
  expect(turn?.standings.get("5")).toMatchObject({ isAdmin: true, trustsPlaceAdmins: true });
});

test("what is decided counts for the next turn", async () => {
  await using queue = open();
  const decisionsIn = async (order: number) => {
    await queue.inbox.accept([{ kind: "message", message: message(order) }]);
    const [turn] = await takes(queue, 1);
    return turn?.standings.get("5")?.decisions.get("telegram:5");
  };
  expect(await decisionsIn(1)).toBeUndefined();
  await decides(queue, "telegram:5", "deny");
  expect(await decisionsIn(2)).toBe("deny");
  await queue.access.undo("access", origin("undo"));
  expect(await decisionsIn(3)).toBeUndefined();
});

test("a value of a later version is no allowance", async () => {
  await using queue = open();
  await queue.redis.hset(queue.keys.access, "telegram:5", '{"until":1}');
  expect((await queue.access.standing(asker)).decisions).toEqual(new Map([["telegram:5", "deny"]]));
});
