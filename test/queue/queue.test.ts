import { once } from "node:events";
import { Worker } from "bullmq";
import { expect, test } from "vitest";
import type { TurnEnd } from "../../src/core/turn.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

test("messages of one conversation are taken in the platform's order, one at a time", async () => {
  await using queue = open();
  const seen = recorder(5);
  await queue.inbox.accept([3, 1, 5, 2, 4].map((order) => ({ kind: "message", message: message(order) })));
  let running = 0;
  let most = 0;
  await using _workers = startWorkers(queue, async (turn) => {
    most = Math.max(most, ++running);
    seen.add(turn);
    const end = await finish(queue, turn);
    running--;
    return end;
  });
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.order)).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(1);
});

test("a message delivered again, at once or after its answer, starts nothing", async () => {
  await using queue = open();
  const seen = recorder(2);
  const deliver = (order: number) => queue.inbox.accept([{ kind: "message", message: message(order) }]);
  await Promise.all([deliver(1), deliver(1), deliver(1)]);
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    seen.add(turn);
    if (turn.message.order === 1) {
      await deliver(1);
      await deliver(2);
    }
    return end;
  });
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.order)).toEqual([1, 2]);
});

test("a turn is told what was said before, newest first, as far as its budget reaches", async () => {
  await using queue = open();
  const seen = recorder(80);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  const all = Array.from(
    { length: 80 },
    (_, index) => ({ kind: "message", message: message(index + 1) }) as const,
  );
  await queue.inbox.accept(all);
  await seen.all;
  expect(seen.turns[2]?.history.map((entry) => entry.text)).toEqual([
    "answer 2",
    "question 2",
    "answer 1",
    "question 1",
  ]);
  expect(seen.turns[79]?.history.length).toBe(100);
});

test("after a fresh start the turn sees only what came later", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await queue.conversations.startAfresh(conversation(), 2);
  await queue.inbox.accept([3, 4].map((order) => ({ kind: "message", message: message(order) })));
  await seen.all;
  expect(seen.turns[2]?.history.map((entry) => entry.order)).toEqual([3, 3]);
});

test("a run that lost its turn gets no permit and can end nothing", async () => {
  await using queue = open();
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  const taken = recorder(2);
  const first = Promise.withResolvers<TurnEnd>();
  await using _workers = startWorkers(queue, async (turn) => {
    taken.add(turn);
    if (taken.turns.length > 1) return await finish(queue, turn);
    await queue.store.release(turn.fence, { finals: new Map(), unsettled: false });
    first.resolve({ kind: "later", waitMs: 1 });
    return await first.promise;
  });
  await taken.all;
  const [old] = taken.turns;
  if (!old) throw new Error("no turn was taken");
  const request = { kind: "final", budgets: [], shownUtf16: 0 } as const;
  expect(await queue.store.permit(old.fence, request)).toEqual({ kind: "fenced" });
  expect(await finish(queue, old)).toEqual({ kind: "fenced" });
});

test("finishing a turn twice counts once", async () => {
  await using queue = open();
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    const end = await finish(queue, turn);
    expect(await finish(queue, turn)).toEqual(end);
    seen.add(turn);
    return end;
  });
  await queue.inbox.accept([1, 2].map((order) => ({ kind: "message", message: message(order) })));
  await seen.all;
  expect(seen.turns[1]?.history.map((entry) => entry.text)).toEqual(["answer 1", "question 1"]);
});

test("a turn that throws is run again, and the fourth run knows that three died", async () => {
  await using queue = open();
  const seen = recorder(4);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length < 4) throw new Error("a defect");
    return await finish(queue, turn);
  });
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await seen.all;
  expect(seen.turns.map((turn) => turn.tries)).toEqual([1, 2, 3, 4]);
  expect(seen.turns[3]?.takenOver).toBe(true);
});

test("turns given back do not count as tries, whoever takes them next", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    if (seen.turns.length === 3) return await finish(queue, turn);
    await queue.store.release(turn.fence, {
      finals: new Map([[0, { fingerprint: "shown" }]]),
      unsettled: false,
    });
    return { kind: "later", waitMs: 1 };
  });
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await seen.all;
  expect(seen.turns.map((turn) => turn.tries)).toEqual([1, 1, 1]);
  expect(seen.turns[2]?.takenOver).toBe(false);
  expect(seen.turns[2]?.finals.get(0)).toEqual({ fingerprint: "shown" });
});

test("that somebody has waited long keeps nobody from being answered", async () => {
  await using queue = open();
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  // As a turn leaves it that waited for a worker.
  await queue.redis.set(queue.keys.waited, "1500", "PX", 60_000);
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await queue.inbox.accept([{ kind: "message", message: message(1, { chat: "8" }) }]);
  await seen.all;
  expect(seen.turns.map(({ tries }) => tries)).toEqual([1, 1]);
});

test("a conversation whose wake-up was lost is found by the sweeper", async () => {
  await using queue = open();
  const seen = recorder(1);
  // The wake-up is taken and thrown away, as a queue that was drained by an operator would.
  const thief = new Worker("turns", async () => undefined, {
    connection: queue.redis,
    prefix: queue.keys.prefix,
    removeOnComplete: { count: 0 },
  });
  const stolen = once(thief, "completed");
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  await stolen;
  await thief.close();
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
  expect(seen.turns[0]?.message.text).toBe("question 1");
});

test("a wake-up of which only its mark is left is found by the sweeper", async () => {
  await using queue = open();
  const seen = recorder(1);
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  const wakeUps = await queue.redis.keys(`${queue.keys.prefix}:turns:*`);
  await queue.redis.del(wakeUps.filter((key) => !key.includes(":turns:de:")));
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
});

test("wake-ups that were lost together are found together, however many they are", async () => {
  const people = 1_000;
  // A hundred in each sweep would take longer than a test may.
  await using queue = queues.open({ sweepEveryMs: 7_000 });
  const seen = recorder(people);
  for (let chat = 1; chat <= people; chat += 1) {
    await queue.inbox.accept([{ kind: "message", message: message(1, { chat: String(chat) }) }]);
  }
  const wakeUps = await queue.redis.keys(`${queue.keys.prefix}:turns:*`);
  await queue.redis.del(wakeUps);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  await seen.all;
});

test("messages are accepted although Redis has forgotten its scripts", async () => {
  await using queue = open();
  const seen = recorder(3);
  await using _workers = startWorkers(queue, async (turn) => {
    seen.add(turn);
    return await finish(queue, turn);
  });
  for (const order of [1, 2, 3]) {
    await queue.redis.script("FLUSH");
    await queue.inbox.accept([{ kind: "message", message: message(order) }]);
  }
  await seen.all;
  expect(seen.turns.map((turn) => turn.message.order)).toEqual([1, 2, 3]);
});

test("what Redis refused while a process started keeps nobody from writing later", async () => {
  await using operator = open();
  await operator.redis.acl("SETUSER", "default", "-info");
  await using queue = open();
  await queue.redis.ping();
  await queue.inbox.accept([{ kind: "message", message: message(1) }]).catch(() => undefined);
  await operator.redis.acl("SETUSER", "default", "+info");
  await queue.inbox.accept([{ kind: "message", message: message(2) }]);
  expect(await queue.redis.zcard(queue.keys.inbox(conversation()))).toBe(2);
});

test("a write is refused within its deadline while Redis does not answer", async () => {
  await using queue = open();
  await queue.inbox.accept([{ kind: "message", message: message(1) }]);
  queues.redis.freeze();
  const attempt = queue.inbox.accept([{ kind: "message", message: message(2) }]);
  await expect(attempt).rejects.toThrow();
  queues.redis.thaw();
});

test("flood budgets let a burst through, keep a reserve from previews, and close for everybody when blocked", async () => {
  await using queue = open();
  const budgets = [{ key: "chat", intervalMs: 60_000, burst: 3, reserve: 1 }];
  const ask = (kind: "preview" | "final") => queue.store.permit(undefined, { kind, budgets, shownUtf16: 0 });
  expect([await ask("preview"), await ask("preview")]).toEqual([{ kind: "granted" }, { kind: "granted" }]);
  expect(await ask("preview")).toMatchObject({ kind: "wait" });
  expect(await ask("final")).toEqual({ kind: "granted" });
  expect(await ask("final")).toMatchObject({ kind: "wait" });
  const free = [{ key: "other", intervalMs: 0, burst: 1, reserve: 0 }];
  expect(await queue.store.permit(undefined, { kind: "final", budgets: free, shownUtf16: 0 })).toEqual({
    kind: "granted",
  });
  await queue.store.block({ budget: { key: "other" }, retryAfterMs: 60_000 });
  expect(await queue.store.permit(undefined, { kind: "final", budgets: free, shownUtf16: 0 })).toMatchObject({
    kind: "wait",
  });
});

test("a lease has one holder; the next one gets it when it is given up", async () => {
  await using queue = open();
  const signal = new AbortController().signal;
  const first = await queue.inbox.lease("poll", signal);
  let second = false;
  const waiting = queue.inbox.lease("poll", signal).then((lease) => {
    second = true;
    return lease;
  });
  expect(await queue.redis.exists(queue.keys.lease("poll"))).toBe(1);
  expect(second).toBe(false);
  await first[Symbol.asyncDispose]();
  await (await waiting)[Symbol.asyncDispose]();
  expect(await queue.redis.exists(queue.keys.lease("poll"))).toBe(0);
});
