/** A worker is killed while it chooses among endpoints: whoever it chose for is answered once, and nobody is asked in vain. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { killAt } from "../world/kill-at.ts";
import { sees } from "../world/person.ts";
import { ProcessPool } from "../world/processes.ts";
import type { CommandMatch } from "../world/proxy.ts";
import { isCallOf } from "../world/scripts.ts";
import { answersAs, saidBy, startTwoEndpoints, type TwoEndpoints } from "../world/two-endpoints.ts";

let pool: ProcessPool;
beforeAll(() => {
  pool = new ProcessPool(2);
});
afterAll(() => pool[Symbol.asyncDispose]());

const whens = ["before", "after"] as const;

/** The script for the limits of one endpoint, which its keys name. */
function at(name: Parameters<typeof isCallOf>[0], endpoint: { readonly url: string }): CommandMatch {
  const isCall = isCallOf(name);
  const { host } = new URL(endpoint.url);
  return (wire) => isCall(wire) && wire.includes(host);
}

async function startGateway(fields?: readonly [object, object]): Promise<TwoEndpoints> {
  const options = { processes: pool, ...(fields && { fields }), timing: { breakWithinMs: -1 } };
  const two = await startTwoEndpoints(options);
  await two.world.startInside({ ROLE: "gateway" });
  await two.world.isConnected();
  return two;
}

test("whose worker dies between two endpoints, or with a start at the second one, is answered there once", {
  timeout: 180_000,
}, async () => {
  // After its first call it has no room while the test runs.
  await using two = await startGateway([{ rpm: 1 }, {}]);
  const { world, first, second } = two;
  let worker = await world.start("worker");
  const ada = world.telegramPerson();
  ada.says("first");
  await sees(ada, saidBy("first", "first"));
  for (const endpoint of [first, second]) {
    for (const when of whens) {
      const person = world.telegramPerson();
      const before = second.received();
      const step = { name: "book-call", at: at("book-call", endpoint), when };
      worker = await killAt(world, worker, step, () => person.says(when));
      await sees(person, saidBy("second", when));
      await world.turnsAreOver();
      expect(second.received()).toBe(before + 1);
    }
  }
  expect(first.received()).toBe(1);
});

test("whose worker dies as it gives up an endpoint that failed, is answered by the next one once", {
  timeout: 180_000,
}, async () => {
  await using two = await startGateway();
  const { world, first, second } = two;
  let worker = await world.start("worker");
  first.answerWith({ fault: faults.serverError() });
  for (const when of whens) {
    const person = world.telegramPerson();
    const before = second.received();
    const step = { name: "refuse-call", at: at("refuse-call", first), when };
    worker = await killAt(world, worker, step, () => person.says(when));
    await sees(person, saidBy("second", when));
    await world.turnsAreOver();
    expect(second.received()).toBe(before + 1);
  }
});

test("whose worker dies with a start at the first endpoint is called there by the next one, and takes no place at the second", {
  timeout: 180_000,
}, async () => {
  await using two = await startGateway([{}, { rpm: 1 }]);
  const { world, first, second } = two;
  let worker = await world.start("worker");
  for (const when of whens) {
    const person = world.telegramPerson();
    const step = { name: "settle-call", at: at("settle-call", second), when };
    worker = await killAt(world, worker, step, () => person.says(when));
    await sees(person, saidBy("first", when));
    await world.turnsAreOver();
  }
  expect(second.received()).toBe(0);
  first.answerWith({ fault: faults.serverError() });
  second.answerWith(answersAs("second"));
  const person = world.telegramPerson();
  person.says("last");
  // The one call that it may take in a minute is still there.
  await sees(person, saidBy("second", "last"));
});
