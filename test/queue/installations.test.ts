import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toConversationId, toMessageId } from "../../src/core/conversation.ts";
import type { Place } from "../../src/core/installations.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { startTestRedis, type TestRedis } from "../world/redis.ts";
import { message, openTestQueue } from "./open-test-queue.ts";
import { finish, startWorkers } from "./scripted-workers.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

let namespaces = 0;
const nextNamespace = () => `installs${++namespaces}`;
const open = (namespace = nextNamespace()) => openTestQueue(redis.url, { namespace });

const place: Place = { platform: "slack", scope: "T1" };
const neighbour: Place = { platform: "slack", scope: "T12" };
const key = randomBytes(32);

async function dump(queue: OpenQueue): Promise<string> {
  const raw = queue.redis.duplicate();
  try {
    const values = await Promise.all(
      (await raw.keys(`${queue.keys.prefix}:*`)).map(async (name) => {
        const type = await raw.type(name);
        if (type === "string") return [name, await raw.get(name)];
        if (type === "hash") return [name, await raw.hgetall(name)];
        if (type === "list") return [name, await raw.lrange(name, 0, -1)];
        if (type === "set") return [name, await raw.smembers(name)];
        if (type === "zset") return [name, await raw.zrange(name, 0, "-1")];
        return [name, await raw.xrange(name, "-", "+")];
      }),
    );
    return JSON.stringify(values);
  } finally {
    raw.disconnect();
  }
}

/** Redis tells nobody of its changes, so it is asked again and again. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

test("an installation is found as it was saved, and what it holds stands nowhere in the clear", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await store.save(place, "xoxb-very-secret");
  expect(await store.find(place)).toMatchObject({ credentials: "xoxb-very-secret" });
  expect(await store.find(neighbour)).toBeUndefined();
  expect(await store.scopes("slack")).toEqual(["T1"]);
  const everything = await dump(queue);
  expect(everything).toContain("slack:T1");
  expect(everything).not.toMatch(/very-secret|xoxb/);
  expect(everything).not.toContain(Buffer.from("xoxb-very-secret").toString("base64url").slice(0, 12));
});

test("after a new key the old one still reads, once, and without it nothing is guessed", async () => {
  await using queue = open();
  const newer = randomBytes(32);
  await using before = queue.openInstallations([key]);
  await before.save(place, "secret");
  await before.save(neighbour, "other");
  const saved = await before.find(place);
  await using during = queue.openInstallations([newer, key]);
  expect(await during.find(place)).toMatchObject({
    credentials: "secret",
    installedAtMs: saved?.installedAtMs,
  });
  await using after = queue.openInstallations([newer]);
  expect(await after.find(place)).toMatchObject({ credentials: "secret" });
  await expect(after.find(neighbour)).rejects.toMatchObject({ name: "UnknownKey" });
});

test("an encrypted installation opens neither elsewhere nor changed", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await store.save(place, "secret");
  const saved = (await queue.redis.hget(queue.keys.installations, "slack:T1")) ?? "";
  await queue.redis.hset(queue.keys.installations, "slack:T12", saved);
  await expect(store.find(neighbour)).rejects.toThrow("authenticate");
  const { sealed } = JSON.parse(saved);
  const turned = sealed.slice(0, -3) + (sealed.at(-3) === "A" ? "B" : "A") + sealed.slice(-2);
  await queue.redis.hset(queue.keys.installations, "slack:T1", saved.replace(sealed, turned));
  await expect(store.find(place)).rejects.toThrow("authenticate");
});

test("credentials are renewed only where the installation is still the same", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await store.save(place, "first");
  const found = await store.find(place);
  expect(await store.save(place, "second", found)).toBe(true);
  expect(await store.save(place, "too late", found)).toBe(false);
  expect(await store.find(place)).toMatchObject({
    credentials: "second",
    installedAtMs: found?.installedAtMs,
  });
});

test("an uninstall drops what is older and leaves a later installation", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await store.save(place, "secret");
  const installedAtMs = (await store.find(place))?.installedAtMs ?? 0;
  expect(await store.drop(place, installedAtMs - 1)).toBe(false);
  expect(await store.find(place)).toBeDefined();
  expect(await store.drop(place, installedAtMs)).toBe(true);
  expect(await store.find(place)).toBeUndefined();
  expect(await store.drop(place, installedAtMs)).toBe(false);
});

test("every process hears of a change, also one whose connection was lost meanwhile", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await using elsewhere = queue.openInstallations([key]);
  const heard: (Place | undefined)[] = [];
  const hears = Promise.withResolvers<void>();
  elsewhere.onChange((changed) => {
    heard.push(changed);
    if (heard.length === 2) hears.resolve();
  });
  await until(async () => heard.length === 1);
  await store.save(place, "secret");
  await hears.promise;
  expect(heard).toEqual([undefined, place]);
  await queue.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
  await until(async () => heard.length === 3);
  expect(heard[2]).toBeUndefined();
});

test("a token is used once", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  expect(await store.useOnce("state", 60_000)).toBe(true);
  expect(await store.useOnce("state", 60_000)).toBe(false);
  expect(await store.useOnce("other", 60_000)).toBe(true);
});

function said(scope: string, order: number) {
  const address = { platform: "slack", scope, chat: "C1", thread: "1.000001" };
  const ids = { id: toMessageId(address, String(order)), conversation: toConversationId(address) };
  return { kind: "message", message: message(order, ids) } as const;
}

function command(scope: string) {
  const { message: asked } = said(scope, 3);
  const rest = { name: "help", argument: "private words", reach: "chat" } as const;
  return {
    kind: "command",
    command: { ...asked, id: toMessageId(addressOf(scope), "cmd"), ...rest },
  } as const;
}

const addressOf = (scope: string) => ({ platform: "slack", scope, chat: "C1" });

async function converse(queue: OpenQueue) {
  const ended = Promise.withResolvers<void>();
  let turns = 0;
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    turns += 1;
    if (turns === 4) ended.resolve();
    return end;
  });
  for (const { scope } of [place, neighbour]) {
    await queue.inbox.accept([said(scope, 1), said(scope, 2), command(scope)]);
    const budgets = [{ key: `slack:${scope}:edit`, intervalMs: 1_000, burst: 10, reserve: 0 }];
    await queue.store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
    await queue.redis.sadd(queue.keys.owners, `slack:${scope}/U1`);
    const letter = { v: 1, message: said(scope, 1).message.id, cause: "three runs" };
    await queue.redis.lpush(queue.keys.dead, JSON.stringify(letter));
  }
  await ended.promise;
  await until(async () => (await queue.redis.zcard(`${queue.keys.prefix}:commands:completed`)) === 2);
}

test("what was said in a place is gone a while after the bot was removed, and nothing of others", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await store.save(place, "secret");
  await store.save(neighbour, "secret");
  await converse(queue);
  expect((await dump(queue)).match(/slack:T1\b/g)?.length).toBeGreaterThan(8);
  const neighbours = (text: string) => text.match(/slack:T12\b/g)?.length;
  const before = neighbours(await dump(queue));

  await store.drop(place, Date.now());
  await until(async () => (await queue.redis.zcard(queue.keys.leaving)) === 0);
  expect((await dump(queue)).match(/.{60}slack:T1\b/g)).toBeNull();
  expect(neighbours(await dump(queue))).toBe(before);
});

test("after installing again only what was said before is gone; what waits is answered", async () => {
  await using queue = open();
  await using store = queue.openInstallations([key]);
  await store.save(place, "secret");
  await converse(queue);
  await store.drop(place, Date.now());
  await store.save(place, "again");
  await queue.inbox.accept([said("T1", 9)]);
  await until(async () => (await queue.redis.zcard(queue.keys.leaving)) === 0);
  expect(await queue.redis.keys(queue.keys.history("slack:T1:*" as never))).toHaveLength(0);
  const asked = Promise.withResolvers<readonly unknown[]>();
  await using _workers = startWorkers(queue, async (turn) => {
    asked.resolve([turn.message.nativeId, turn.history.length]);
    return await finish(queue, turn);
  });
  expect(await asked.promise).toEqual(["9", 0]);
});
