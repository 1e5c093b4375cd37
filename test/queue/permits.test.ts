/** Permits under more demand than a budget holds: all who wait take turns, finals go first, refusals close what they mean. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { FloodBudget } from "../../src/core/platform/flood-budget.ts";
import type { TurnEnd } from "../../src/core/turn.ts";
import type { Fence, PermitRequest } from "../../src/core/turn-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

type Ask = Pick<OpenQueue, "store">;

const budget = (changes: Partial<FloodBudget> = {}): FloodBudget => ({
  key: "scope",
  intervalMs: 20,
  burst: 1,
  reserve: 0,
  ...changes,
});

/** Turns of so many conversations that run until the test is over. */
async function running(queue: OpenQueue, count: number) {
  const seen = recorder(count);
  const over = Promise.withResolvers<void>();
  const workers = startWorkers(queue, async (turn): Promise<TurnEnd> => {
    seen.add(turn);
    await over.promise;
    return await finish(queue, turn);
  });
  const chats = Array.from({ length: count }, (_, index) => String(index + 100));
  await queue.inbox.accept(
    chats.map((chat) => ({ kind: "message", message: message(1, { chat }) }) as const),
  );
  await seen.all;
  return {
    fences: seen.turns.map(({ fence }) => fence),
    async [Symbol.asyncDispose]() {
      over.resolve();
      await workers[Symbol.asyncDispose]();
    },
  };
}

function ask({ store }: Ask, fence: Fence, kind: PermitRequest["kind"], of = [budget()]) {
  return store.permit(fence, { kind, budgets: of, shownUtf16: 0 });
}

/** Asks until there is leave, as a reply does. @returns how often it asked */
async function waitsFor(queue: Ask, fence: Fence, kind: PermitRequest["kind"], of?: FloodBudget[]) {
  for (let asked = 1; ; asked += 1) {
    const permit = await ask(queue, fence, kind, of);
    if (permit.kind === "granted") return asked;
    if (permit.kind !== "wait") throw new Error(`asked for a permit and was told ${permit.kind}`);
    await sleep(permit.waitMs);
  }
}

/** Shows previews until `until` resolves. @returns who was shown, in order */
async function showAll(streams: readonly (readonly [Ask, Fence])[], rounds: number): Promise<string[]> {
  const shown: string[] = [];
  const all = streams.length * rounds;
  await Promise.all(
    streams.map(async ([queue, fence]) => {
      while (shown.length < all) {
        await waitsFor(queue, fence, "preview");
        shown.push(fence.conversation);
      }
    }),
  );
  return shown.slice(0, all);
}

test("streams in two processes take turns, however many each process has", async () => {
  await using queue = open();
  await using other = queues.openAgain();
  await using turns = await running(queue, 8);
  const streams = turns.fences.map((fence, index) => [index < 6 ? queue : other, fence] as const);
  const shown = await showAll(streams, 6);
  for (const fence of turns.fences) {
    const at = shown.flatMap((name, index) => (name === fence.conversation ? [index] : []));
    const gaps = at.slice(1).map((index, before) => index - (at[before] ?? 0));
    expect(at.length).toBeGreaterThanOrEqual(5);
    expect(at.length).toBeLessThanOrEqual(7);
    // Every eighth, but for what timers cannot tell apart.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11);
  }
});

test("a stream that waits asks about once for each of its moments", async () => {
  await using queue = open();
  await using turns = await running(queue, 8);
  let asked = 0;
  await Promise.all(
    turns.fences.map(async (fence) => {
      for (let round = 0; round < 4; round += 1) asked += await waitsFor(queue, fence, "preview");
    }),
  );
  expect(asked).toBeLessThan(32 * 3);
});

test("finals go before previews that wait, and the previews keep their order", async () => {
  await using queue = open();
  await using turns = await running(queue, 6);
  const slow = [budget({ intervalMs: 400 })];
  const [busy, ...rest] = turns.fences as [Fence, ...Fence[]];
  const previews = rest.slice(0, 3);
  const finals = rest.slice(3);
  await waitsFor(queue, busy, "preview", slow);
  const order: string[] = [];
  const waiting: Promise<unknown>[] = [];
  const goes = async (fence: Fence, kind: "preview" | "final") => {
    await waitsFor(queue, fence, kind, slow);
    order.push(`${kind} ${turns.fences.indexOf(fence)}`);
  };
  for (const fence of previews) {
    waiting.push(goes(fence, "preview"));
    // Each has booked before the next one asks.
    await ask(queue, busy, "status", slow);
  }
  for (const fence of finals) {
    waiting.push(goes(fence, "final"));
    await ask(queue, busy, "status", slow);
  }
  await Promise.all(waiting);
  expect(order).toEqual(["final 4", "final 5", "preview 1", "preview 2", "preview 3"]);
});

test("a sign waits behind every preview", async () => {
  await using queue = open();
  await using turns = await running(queue, 3);
  const slow = [budget({ intervalMs: 10_000 })];
  const [first, second, third] = turns.fences as [Fence, Fence, Fence];
  await ask(queue, first, "preview", slow);
  const preview = await ask(queue, second, "preview", slow);
  const sign = await ask(queue, third, "status", slow);
  const again = await ask(queue, third, "status", slow);
  expect(preview).toMatchObject({ kind: "wait" });
  expect(sign).toMatchObject({ kind: "wait" });
  expect(preview.kind === "wait" && preview.waitMs).toBeLessThanOrEqual(10_000);
  expect(sign.kind === "wait" && sign.waitMs).toBeGreaterThan(10_000);
  // It has taken no moment from anybody.
  expect(again.kind === "wait" && again.waitMs).toBeLessThanOrEqual(20_000);
});

test("a moment is kept in the turn: another run that comes for it need not wait anew", async () => {
  await using queue = open();
  await using turns = await running(queue, 3);
  const slow = [budget({ intervalMs: 10_000 })];
  const [first, second, third] = turns.fences as [Fence, Fence, Fence];
  await ask(queue, first, "final", slow);
  const booked = await ask(queue, second, "final", slow);
  const behind = await ask(queue, third, "final", slow);
  const again = await ask(queue, second, "final", slow);
  const waits = [booked, behind, again].map((permit) => (permit.kind === "wait" ? permit.waitMs : 0));
  expect(Math.round((waits[0] ?? 0) / 10_000)).toBe(1);
  expect(Math.round((waits[1] ?? 0) / 10_000)).toBe(2);
  expect(Math.round((waits[2] ?? 0) / 10_000)).toBe(1);
});

test("what waits for a narrow budget takes nobody's moment in the wide one", async () => {
  await using queue = open();
  await using turns = await running(queue, 3);
  const wide = budget({ key: "bot", intervalMs: 1, burst: 100 });
  const group = budget({ key: "group", intervalMs: 60_000 });
  const [first, second, third] = turns.fences as [Fence, Fence, Fence];
  expect(await ask(queue, first, "preview", [group, wide])).toEqual({ kind: "granted" });
  expect(await ask(queue, second, "preview", [group, wide])).toMatchObject({ kind: "wait" });
  expect(await ask(queue, third, "preview", [wide])).toEqual({ kind: "granted" });
});

const refused = (chat: string, retryAfterMs: number) => ({
  budget: { key: `bot:${chat}`, within: "bot" },
  retryAfterMs,
});

function asked(chat: string): PermitRequest {
  const rate = { intervalMs: 0, burst: 1, reserve: 0 };
  return {
    kind: "final",
    budgets: [
      { key: `bot:${chat}`, ...rate },
      { key: "bot", ...rate },
    ],
    shownUtf16: 0,
  };
}

test("one chat's refusals close that chat, two chats' soon after each other close the bot", async () => {
  await using queue = open({ refusalsMs: 60_000 });
  const { store } = queue;
  await store.block(refused("one", 60_000));
  await store.block(refused("one", 60_000));
  expect(await store.permit(undefined, asked("one"))).toMatchObject({ kind: "wait" });
  expect(await store.permit(undefined, asked("two"))).toEqual({ kind: "granted" });
  await store.block(refused("two", 30_000));
  const other = await store.permit(undefined, asked("three"));
  expect(other).toMatchObject({ kind: "wait" });
  expect(other.kind === "wait" && other.waitMs).toBeLessThanOrEqual(30_000);
});

test("a long refusal is obeyed to its end, whatever shorter ones come meanwhile", async () => {
  await using queue = open();
  const hourMs = 3_600_000;
  await queue.store.block(refused("one", hourMs));
  await queue.store.block(refused("one", 1_000));
  const isKeptMs = await queue.redis.pttl(queue.keys.budget("bot:one"));
  expect(isKeptMs).toBeGreaterThan(hourMs - 10_000);
});

test("two chats' refusals that lie further apart are each chat's own", async () => {
  await using queue = open({ refusalsMs: 1 });
  await queue.store.block(refused("one", 60_000));
  await sleep(5);
  await queue.store.block(refused("two", 60_000));
  expect(await queue.store.permit(undefined, asked("three"))).toEqual({ kind: "granted" });
});

test("a budget that was refused goes slower, and not the slower for every call that was on its way", async () => {
  await using queue = open();
  await using turns = await running(queue, 2);
  const [first, second] = turns.fences as [Fence, Fence];
  const of = [budget({ key: "slow", intervalMs: 100_000 })];
  await queue.store.block({ budget: { key: "slow" }, retryAfterMs: 20 });
  await queue.store.block({ budget: { key: "slow" }, retryAfterMs: 20 });
  await sleep(30);
  expect(await ask(queue, first, "final", of)).toEqual({ kind: "granted" });
  const next = await ask(queue, second, "final", of);
  expect(next.kind === "wait" && Math.round(next.waitMs / 10_000)).toBe(15);
});
