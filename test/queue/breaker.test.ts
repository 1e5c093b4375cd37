/** The breaker of an endpoint's model, as two processes see it. */

import { expect, test } from "vitest";
import type { AdmittedCall } from "../../src/core/admission.ts";
import { type AdmissionWorld, isBusy, openAdmissions, perMinute } from "./admission-world.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();

/** It is tried again soon enough for a test, and on a busy machine not before the test has looked. */
const breaking = { brokenOffMs: 1_000, brokenOffMaxMs: 1_000 };

/** It is not tried again while a test runs. */
const broken = { brokenOffMs: 60_000, brokenOffMaxMs: 60_000 };

/** Fails three calls, by turns of both processes. */
async function breaks(world: AdmissionWorld): Promise<void> {
  for (const by of [0, 1, 0] as const) await (await world.calls("ann", { by })).broken("unreachable", true);
}

/** Asks until somebody may try. */
async function tries(world: AdmissionWorld): Promise<AdmittedCall> {
  for (;;) {
    const admitted = await world.asks("ann", { by: 1 });
    if (admitted.kind === "admitted") return admitted.call;
  }
}

test("opens for all processes after three failures in a row, whoever met them, and no admin is told", async () => {
  await using world = openAdmissions(queues, {}, broken);
  await world.learns(undefined);
  await breaks(world);
  for (const by of [0, 1] as const) {
    expect(await world.asks("bob", { by })).toMatchObject({ kind: "closed", problem: "unreachable" });
  }
  expect(world.closed).toEqual([]);
});

test("stays closed while first tokens come in between", async () => {
  await using world = openAdmissions(queues);
  await world.learns(undefined);
  for (let round = 0; round < 3; round += 1) {
    for (const by of [0, 1] as const) await (await world.calls("ann", { by })).broken("silent", true);
    (await world.calls("ann")).begun();
    await world.isTold();
  }
  await world.calls("bob", { by: 1 });
});

test("stays closed when failures are too far apart", async () => {
  await using world = openAdmissions(queues, {}, { breakWithinMs: -1 });
  await world.learns(undefined);
  await breaks(world);
  await breaks(world);
  await world.calls("bob");
});

test("lets one call try; its failure opens it again at once, its first token closes it", async () => {
  await using world = openAdmissions(queues, {}, breaking);
  await world.learns(undefined);
  await breaks(world);
  const probe = await tries(world);
  expect(await world.asks("bob", { soonOnly: true })).toMatchObject({ kind: "later" });
  await probe.broken("unreachable", false);
  expect(await world.asks("bob", { soonOnly: true })).toMatchObject({ kind: "closed" });
  const again = await tries(world);
  again.begun();
  await world.isTold();
  again.accepted(undefined);
  await world.isTold();
  for (const by of [0, 1] as const) await world.calls("bob", { by });
});

test("is closed neither by headers alone nor by an answer from before it opened", async () => {
  await using world = openAdmissions(queues, {}, breaking);
  await world.learns(undefined);
  await (await world.calls("ann")).broken("silent", true);
  const before = await world.calls("old");
  for (const _ of [1, 2]) await (await world.calls("ann")).broken("silent", true);
  before.begun();
  await world.isTold();
  expect(await world.asks("bob")).toMatchObject({ kind: "closed" });
  const probe = await tries(world);
  probe.accepted(undefined);
  await world.isTold();
  expect(await world.asks("bob", { soonOnly: true })).toMatchObject({ kind: "later" });
});

test("who waits there when it opens is not kept: the next run goes elsewhere", async () => {
  await using world = openAdmissions(queues, {}, broken);
  await world.learns(undefined);
  const calls = [await world.calls("ann"), await world.calls("cid"), await world.calls("dan")];
  // Learnt only now, and slow: however long the test takes, nobody may go again before its end.
  calls[0]?.accepted(perMinute(1));
  await world.isTold();
  await isBusy(world);
  expect(await world.asks("bob", { message: 70 })).toMatchObject({ kind: "later", isInLine: true });
  for (const call of calls) await call.broken("unreachable", true);
  expect(await world.asks("bob", { message: 70, soonOnly: true })).toMatchObject({ kind: "closed" });
});

test("a call that would rather go elsewhere takes no place in the line, and keeps one that it has", async () => {
  await using world = openAdmissions(queues, { requestsPerMinute: 2 });
  await world.learns(perMinute(2));
  await world.calls("ann");
  const elsewhere = await world.asks("bob", { message: 80, soonOnly: true });
  expect(elsewhere).toMatchObject({ kind: "later", isInLine: false });
  expect(await world.asks("bob", { message: 80 })).toMatchObject({ kind: "later", isInLine: true });
  expect(await world.asks("bob", { message: 80, soonOnly: true })).toMatchObject({ isInLine: true });
  world.withdraws("bob", 80);
  await world.isTold();
  expect(await world.asks("bob", { message: 80, soonOnly: true })).toMatchObject({ isInLine: false });
});

test("a start that goes elsewhere is free for the next one", async () => {
  await using world = openAdmissions(queues, { requestsPerMinute: 2 });
  await world.learns(undefined);
  await world.calls("ann", { message: 90 });
  expect(await world.asks("bob", { soonOnly: true })).toMatchObject({ kind: "later" });
  world.withdraws("ann", 90);
  await world.isTold();
  expect(await world.asks("bob", { soonOnly: true })).toMatchObject({ kind: "admitted" });
});
