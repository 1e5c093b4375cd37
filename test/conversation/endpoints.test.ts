/** Several endpoints: who answers, what fails over and what does not, and how often a dead one is called. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { words } from "../../src/core/words.ts";
import { becomesOwner } from "../world/owner.ts";
import { sees, seesPart } from "../world/person.ts";
import type { TelegramPerson } from "../world/telegram-person.ts";
import { answersAs, saidBy, startTwoEndpoints, type TwoEndpoints } from "../world/two-endpoints.ts";

/** Nobody is tried again while a test looks. */
const breaksForLong = { brokenOffMs: 60_000, brokenOffMaxMs: 60_000 };

type Asked = Parameters<ReturnType<typeof answersAs>>[0] & { readonly number: number };

/** The first endpoint, which works until it has got `until` requests and from `again` on. */
function diesAfter(until: number, again = Number.POSITIVE_INFINITY) {
  return (asked: Asked) =>
    asked.number > until && asked.number < again
      ? { fault: faults.resetBeforeHeaders() }
      : answersAs("first")(asked);
}

async function asks(
  { world }: TwoEndpoints,
  question: string,
  by: "first" | "second",
): Promise<TelegramPerson> {
  const person = world.telegramPerson();
  person.says(question);
  await sees(person, saidBy(by, question));
  return person;
}

test.concurrent("a turn goes to the first that serves its model, by the name that it has there", async () => {
  const fields = [{ models: ["other"] }, { models: { "test-model": "theirs" } }] as const;
  await using at = await startTwoEndpoints({ fields });
  await asks(at, "Hello", "second");
  expect(at.second.requests.map(({ model }) => model)).toEqual(["theirs"]);
  expect(at.first.received()).toBe(0);
});

test.concurrent("the first one dies under load: everybody is answered once, and it is left alone", async () => {
  await using at = await startTwoEndpoints({ timing: breaksForLong });
  at.first.answerWith(diesAfter(4));
  await asks(at, "before", "first");
  const people = Array.from({ length: 20 }, () => at.world.telegramPerson());
  for (const [index, person] of people.entries()) person.says(`question ${index}`);
  await Promise.all(people.map((person) => person.until(() => person.answers().length > 0)));
  await at.world.isQuiet();
  for (const [index, person] of people.entries()) {
    const [answer, ...others] = person.answers();
    expect(others).toEqual([]);
    expect(["first", "second"].map((name) => saidBy(name as "first", `question ${index}`))).toContain(answer);
  }
  expect(at.second.received()).toBe(17);
  const before = at.first.received();
  await asks(at, "afterwards", "second");
  expect(at.first.received()).toBe(before);
  expect(at.world.logged("keeps failing")).toHaveLength(1);
});

test.concurrent("an endpoint that takes no connection any more is passed over", async () => {
  await using at = await startTwoEndpoints();
  await asks(at, "before", "first");
  await at.first.close();
  for (const question of ["one", "two", "three", "four"]) await asks(at, question, "second");
});

test.concurrent.for([
  ["fails", faults.serverError()],
  ["is silent", faults.silentBeforeFirstByte()],
  ["breaks off before its first token", faults.fin({ tokens: 0 })],
  ["has lost its key", faults.keyRefused()],
  ["has used up its quota", faults.quotaUsedUp()],
  ["is at its limit", faults.rateLimit({ "retry-after": "60" })],
] as const)("the second one answers when the first one %s", async ([_what, fault]) => {
  await using at = await startTwoEndpoints({ variables: { OPENAI_FIRST_TOKEN_TIMEOUT: "1000" } });
  at.first.answerWith({ fault });
  await asks(at, "Hello", "second");
  expect(at.first.received()).toBe(1);
});

test.concurrent("whoever is beyond the first one's limit is answered by the second, and nobody is refused", async () => {
  await using at = await startTwoEndpoints({ fields: [{ rpm: 20 }, {}] });
  await asks(at, "one", "first");
  await asks(at, "two", "second");
  const person = await asks(at, "three", "second");
  expect(
    person
      .looks()
      .flat()
      .filter(({ text }) => text.includes("busy")),
  ).toEqual([]);
  expect(at.first.received()).toBe(1);
});

test.concurrent("where all are at their limits the wait is the shortest there is, and it is answered once", async () => {
  await using at = await startTwoEndpoints({
    fields: [{ rpm: 2 }, { rpm: 20 }],
    timing: { tellWaitMs: 500 },
  });
  await asks(at, "one", "first");
  await asks(at, "two", "second");
  const person = at.world.telegramPerson();
  person.says("three");
  await seesPart(person, "I am busy right now: your answer will begin in about 5 seconds.");
  await sees(person, saidBy("second", "three"));
  await at.world.isQuiet();
  expect(at.first.received()).toBe(1);
});

test.concurrent("what breaks after the first token is marked, and nobody else is asked", async () => {
  await using at = await startTwoEndpoints();
  at.first.answerWith({ text: "one two three four", fault: faults.fin({ tokens: 2 }) });
  const person = at.world.telegramPerson();
  person.says("Count");
  await seesPart(person, "interrupted");
  await at.world.isQuiet();
  expect(at.second.received()).toBe(0);
});

test.concurrent.for([
  ["its content", faults.contentPolicy()],
  ["a parameter", faults.badRequest()],
] as const)("what the first one refuses for %s is not sent to the second", async ([_what, fault]) => {
  await using at = await startTwoEndpoints();
  at.first.answerWith({ fault });
  const person = at.world.telegramPerson();
  person.says("Hello");
  await sees(person, words.chatApi.refused);
  expect(at.second.received()).toBe(0);
});

test.concurrent("a breaker opens after three failures, tries one call at a time, and closes when one works", async () => {
  await using at = await startTwoEndpoints({ timing: { brokenOffMs: 1_500, brokenOffMaxMs: 1_500 } });
  at.first.answerWith(diesAfter(0, 5));
  for (const question of ["one", "two", "three", "four"]) await asks(at, question, "second");
  expect(at.first.received()).toBe(3);
  for (let number = 5; at.first.received() < 5; number += 1) {
    const person = at.world.telegramPerson();
    person.says(`question ${number}`);
    await person.until(() => person.answers().length > 0);
  }
  const [, , third, fourth, fifth] = at.first.requests.map(({ atMs }) => atMs);
  expect((fourth ?? 0) - (third ?? 0)).toBeGreaterThanOrEqual(1_490);
  expect((fifth ?? 0) - (fourth ?? 0)).toBeGreaterThanOrEqual(1_490);
  at.first.hold(0);
  for (const question of ["a", "b", "c"]) at.world.telegramPerson().says(question);
  await at.first.hasReceived(8);
  at.first.release();
  await at.world.isQuiet();
  // Whoever reads the log at night sees which one is left alone, until when, and when it answers again.
  const host = new URL(at.first.url).host;
  for (const line of ["keeps failing", "is left alone for longer"]) {
    const [logged = ""] = at.world.logged(line);
    expect(JSON.parse(logged)).toMatchObject({
      endpoint: expect.stringContaining(host),
      until: expect.any(String),
    });
  }
  expect(at.world.logged("answers again")).toHaveLength(1);
});

test.concurrent("an owner reads which of several has lost its key, while the others answer", async () => {
  await using at = await startTwoEndpoints();
  const owner = at.world.telegramPerson();
  await becomesOwner(at.world, owner, "/");
  at.first.answerWith({ fault: faults.keyRefused() });
  await asks(at, "Hello", "second");
  await seesPart(owner, `${new URL(at.first.url).host} gives no answer of test-model, so others have to`);
});

test.concurrent("when all are dead the asker is told, once", async () => {
  await using at = await startTwoEndpoints();
  await Promise.all([at.first.close(), at.second.close()]);
  const person = at.world.telegramPerson();
  person.says("Hello");
  await sees(person, words.chatApi.unreachable);
});

test.concurrent("whoever all keep waiting is told before long, however long each of them takes", async () => {
  // Waiting alone would go round a dozen times.
  await using at = await startTwoEndpoints({
    variables: { OPENAI_FIRST_TOKEN_TIMEOUT: "1000" },
    timing: { breakWithinMs: -1, chatRetryMs: 2_000 },
  });
  for (const endpoint of [at.first, at.second]) {
    endpoint.answerWith({ fault: faults.silentBeforeFirstByte() });
  }
  const person = at.world.telegramPerson();
  person.says("Hello");
  await sees(person, words.chatApi.silent);
  expect(at.first.received() + at.second.received()).toBeLessThanOrEqual(4);
});

test.concurrent("while all are left alone whoever asks reads how long, occupies no worker, and is answered then", async () => {
  await using at = await startTwoEndpoints({
    variables: { CONCURRENCY: "1" },
    timing: { brokenOffMs: 8_000, brokenOffMaxMs: 8_000, chatRetryMs: 90_000, tellWaitMs: 500 },
  });
  for (const endpoint of [at.first, at.second]) endpoint.answerWith({ fault: faults.resetBeforeHeaders() });
  const people = ["one", "two"].map((question) => ({ question, person: at.world.telegramPerson() }));
  for (const { question, person } of people) person.says(question);
  for (const { person } of people) await seesPart(person, "I am busy right now");
  at.first.answerWith(answersAs("first"));
  at.second.answerWith(answersAs("second"));
  for (const { question, person } of people) await seesPart(person, `says ${question}.`);
  await at.world.isQuiet();
  expect(people.map(({ person }) => person.answers().length)).toEqual([1, 1]);
});

test.concurrent("what can be chosen is what any of them offers, and a choice is tried where it is served", async () => {
  await using at = await startTwoEndpoints({
    fields: [{ models: { "test-model": "a", fast: "b" } }, { models: ["test-model", "local"] }],
  });
  const owner = at.world.telegramPerson();
  await becomesOwner(at.world, owner, "/");
  owner.says("/model");
  for (const name of ["fast", "local"]) await seesPart(owner, name);
  owner.says("/model local");
  await seesPart(owner, "local");
  await at.second.hasReceived(1);
  expect(at.second.requests.map(({ model }) => model)).toEqual(["local"]);
  expect(at.first.received()).toBe(0);
});
