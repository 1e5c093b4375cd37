import { describe, expect, test } from "vitest";
import { expected, openAdmissions, perMinute } from "./admission-world.ts";
import { conversation, message } from "./open-test-queue.ts";
import { finish, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();

describe("a server that nobody knows yet", () => {
  test("is called by one at a time, whichever process they are in", async () => {
    await using world = openAdmissions(queues);
    const first = await world.calls("ann");
    expect(await world.asks("bob", { by: 1 })).toMatchObject({ kind: "later" });
    first.failed(true);
    expect(await world.asks("cid")).toMatchObject({ kind: "later" });
    // Bob was before Cid.
    expect(await world.asks("bob", { by: 1, message: 2 })).toMatchObject({ kind: "admitted" });
  });

  test("without limits holds nobody up after its first headers", async () => {
    await using world = openAdmissions(queues);
    const first = await world.calls("ann");
    first.accepted(undefined);
    const all = Array.from({ length: 200 }, () => world.asks("ann"));
    expect(new Set((await Promise.all(all)).map(({ kind }) => kind))).toEqual(new Set(["admitted"]));
  });

  test("without limits is still called no more often than the operator allows", async () => {
    await using world = openAdmissions(queues, { requestsPerMinute: 60 });
    await world.learns(undefined);
    const all = await Promise.all(Array.from({ length: 20 }, () => world.asks("ann")));
    expect(all.filter(({ kind }) => kind === "admitted").length).toBeLessThan(7);
  });

  test("whose first caller died is called again by that message's next run", async () => {
    await using world = openAdmissions(queues);
    await world.calls("ann", { message: 1, epoch: 1 });
    await world.calls("ann", { message: 1, epoch: 2, by: 1 });
  });
});

describe("limits", () => {
  test("that the server tells hold for both processes together", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(60));
    const asked = Array.from({ length: 40 }, (_, index) =>
      world.asks(`user ${index}`, { by: index % 2 ? 1 : 0 }),
    );
    const admitted = (await Promise.all(asked)).filter(({ kind }) => kind === "admitted");
    // What may go at once, and what starts within the second that calls are booked ahead.
    expect(admitted.length).toBeGreaterThanOrEqual(3);
    expect(admitted.length).toBeLessThanOrEqual(6);
  });

  test("of the operator hold where the server allows more", async () => {
    await using world = openAdmissions(queues, { requestsPerMinute: 6 });
    await world.learns(perMinute(6_000));
    await world.calls("ann");
    expect(expected(await world.asks("bob"))).toBeGreaterThan(5_000);
  });

  test("of a day are no faster than what is left of it", async () => {
    await using world = openAdmissions(queues);
    await world.learns({ requests: { limit: 8_640, remaining: 3, per: "day" } }, true);
    for (const _ of [1, 2, 3]) await world.calls("ann");
    expect(expected(await world.asks("ann", { by: 1 }))).toBeGreaterThan(5_000);
  });

  test("are shared with whoever else uses the key: what is left is what the server says", async () => {
    await using world = openAdmissions(queues);
    await world.learns({ requests: { limit: 20, remaining: 0, per: "minute" } }, true);
    expect(expected(await world.asks("ann"))).toBeGreaterThan(1_500);
  });

  test("of tokens count what is reserved for the answer, and give back what it did not need", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(undefined, 60_000));
    const dear = await world.calls("ann", { promptTokens: 100, maxTokens: 10_000 });
    const before = expected(await world.asks("bob"));
    expect(before).toBeGreaterThan(5_000);
    dear.used(120, 20);
    await world.calls("bob", { message: 3 });
  });

  test("are not stretched by what an answer used beyond its reserve", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(undefined, 60_000));
    const cheap = await world.calls("ann");
    cheap.used(30_000, undefined);
    expect(expected(await world.asks("bob"))).toBeGreaterThan(20_000);
  });

  test("that a prompt is above by itself are said at once", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(undefined, 1_000));
    expect(await world.asks("ann", { promptTokens: 1_001 })).toEqual({ kind: "too-large" });
  });
});

describe("a booked start", () => {
  test("of a run that gave its turn back is the next run's, and is not booked again", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(70));
    for (let others = 0; others < 3; others += 1) await world.calls("bob");
    // Its start is booked, in less than half a second; meanwhile the process is asked to go.
    const going = new AbortController();
    const given = world.asks("ann", { message: 50, signal: going.signal });
    await world.isTold();
    going.abort();
    expect(await given).toEqual({ kind: "ended" });
    // Who comes now is next: one that had to book anew would be behind.
    expect(await world.asks("cid")).toMatchObject({ kind: "later" });
    await world.calls("ann", { message: 50, epoch: 2, by: 1 });
  });

  test("of a run that may have called before it died counts as used", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(6));
    await world.calls("ann", { message: 1, epoch: 1 });
    expect(expected(await world.asks("ann", { message: 1, epoch: 2, by: 1 }))).toBeGreaterThan(5_000);
  });

  test("is not settled by a run that lost its turn", async () => {
    await using world = openAdmissions(queues);
    await world.learns(undefined);
    const dead = await world.calls("ann", { message: 1, epoch: 1 });
    const alive = await world.calls("ann", { message: 1, epoch: 2, by: 1 });
    alive.accepted(perMinute(6));
    dead.failed(false);
    expect(expected(await world.asks("bob"))).toBeGreaterThan(5_000);
  });

  test("wakes the turn that gave its slot back for it, in its order", async () => {
    await using queue = queues.open();
    const caps = {
      requestsPerMinute: 100,
      tokensPerMinute: undefined,
      requestsPerDay: undefined,
      tokensPerDay: undefined,
    };
    await using admission = queue.openAdmission({
      caps: new Map([["here", caps]]),
      onClosed: () => undefined,
    });
    const runs = new Map<string, number>();
    const order: string[] = [];
    const all = Promise.withResolvers<void>();
    await using _workers = startWorkers(queue, async (turn) => {
      const { id } = turn.message;
      runs.set(id, (runs.get(id) ?? 0) + 1);
      const admitted = await admission.admit(
        {
          endpoint: "here",
          model: "model",
          fence: turn.fence,
          user: turn.message.conversation,
          promptTokens: 1,
          maxTokens: 1,
        },
        new AbortController().signal,
      );
      if (admitted.kind === "later") {
        await queue.store.release(turn.fence, { finals: new Map(), unsettled: false });
        return { kind: "later", waitMs: 60_000 };
      }
      if (admitted.kind !== "admitted") throw new Error(admitted.kind);
      admitted.call.accepted(undefined);
      order.push(turn.message.conversation);
      if (order.length === 14) all.resolve();
      return await finish(queue, turn);
    });
    const chats = Array.from({ length: 14 }, (_, index) => String(index + 1));
    for (const chat of chats) {
      await queue.inbox.accept([{ kind: "message", message: message(1, { chat }) }]);
    }
    await all.promise;
    // Nobody came a third time: a turn that waits is woken once, when it is its turn.
    expect(Math.max(...runs.values())).toBe(2);
    expect(order.toSorted()).toEqual(chats.map((chat) => conversation(chat)).toSorted());
  });
});

describe("a refusal by a rate limit", () => {
  test("is obeyed by every process, also by those who wait for a start that is booked", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(120));
    const call = await world.calls("ann");
    for (let others = 0; others < 7; others += 1) await world.calls("bob");
    // Its start is booked, in half a second.
    const waiting = world.asks("eve", { by: 1 });
    await world.isTold();
    await call.refused(30_000, undefined);
    expect(expected(await waiting)).toBeGreaterThan(25_000);
  });

  test("holds everybody up for as long as the server says", async () => {
    await using world = openAdmissions(queues);
    await world.learns(undefined);
    const [one, other] = [await world.calls("ann"), await world.calls("bob", { by: 1 })];
    await one.refused(30_000, undefined);
    const asked = expected(await world.asks("cid", { by: 1 }));
    expect(asked).toBeGreaterThan(25_000);
    expect(asked).toBeLessThanOrEqual(30_000);
    other.used(10, undefined);
  });

  test("teaches the limits as an answer does", async () => {
    await using world = openAdmissions(queues);
    const first = await world.calls("ann");
    await first.refused(0, perMinute(6));
    await world.calls("ann", { message: 1 });
    expect(expected(await world.asks("bob"))).toBeGreaterThan(5_000);
  });

  test("that names no time, again and again, is not met by asking without end", async () => {
    await using world = openAdmissions(queues);
    await world.learns(undefined);
    let refusals = 0;
    for (; refusals < 20; refusals += 1) {
      const asked = await world.asks("ann", { message: 50 });
      if (asked.kind !== "admitted") break;
      await asked.call.refused(0, undefined);
    }
    expect(refusals).toBeLessThan(5);
  });

  test("costs nobody their place in the line", async () => {
    await using world = openAdmissions(queues);
    await world.learns(perMinute(600));
    const call = await world.calls("ann", { message: 50 });
    await call.refused(20_000, undefined);
    const bob = expected(await world.asks("bob"));
    const ann = expected(await world.asks("ann", { message: 50 }));
    expect(ann).toBeLessThan(bob);
  });
});

describe("a refusal for good", () => {
  test("is told to operators once, and to everybody who asks", async () => {
    await using world = openAdmissions(queues);
    const first = await world.calls("ann");
    await first.closed("quota-used-up");
    expect(await world.asks("bob", { by: 1 })).toMatchObject({ kind: "closed", problem: "quota-used-up" });
    expect(world.closed).toEqual([{ endpoint: "here", model: "model", problem: "quota-used-up" }]);
  });

  test("is tried again by one call after a while, and not told again until it was over", async () => {
    await using world = openAdmissions(queues);
    await (await world.calls("ann", { message: 50 })).closed("key-refused");
    const askUntilAdmitted = async (user: string, message: number) => {
      for (;;) {
        const admitted = await world.asks(user, { message });
        if (admitted.kind === "admitted") return admitted.call;
      }
    };
    const probe = await askUntilAdmitted("ann", 51);
    expect(await world.asks("bob", { by: 1 })).toMatchObject({ kind: "later" });
    await probe.closed("key-refused");
    expect(await world.asks("bob", { by: 1 })).toMatchObject({ kind: "closed" });
    const mended = await askUntilAdmitted("ann", 52);
    mended.accepted(undefined);
    expect(world.closed).toHaveLength(1);
    await (await world.calls("ann")).closed("key-refused");
    expect(world.closed).toHaveLength(2);
  });
});

test("who stands in the line is not sent away because it takes somewhat longer than it seemed", async () => {
  await using world = openAdmissions(queues);
  await world.learns(perMinute(1));
  const call = await world.calls("ann", { message: 50 });
  for (let person = 0; person < 9; person += 1) {
    expected(await world.asks(`user ${person}`, { message: 100 + person }));
  }
  await call.refused(100_000, undefined);
  expect(expected(await world.asks("user 8", { message: 108 }))).toBeGreaterThan(600_000);
});

test("who would wait for longer than anybody is kept waiting does not stand in the line", async () => {
  await using world = openAdmissions(queues);
  await world.learns(perMinute(1));
  await world.calls("ann");
  for (let waiting = 0; waiting < 9; waiting += 1) expected(await world.asks(`user ${waiting}`));
  expect(await world.asks("late")).toMatchObject({ kind: "never" });
  // Nor does it hold up whoever comes after it.
  expect(await world.asks("later", { by: 1 })).toMatchObject({ kind: "never" });
  expect(expected(await world.asks("user 0", { message: 3 }))).toBeLessThan(70_000);
});
