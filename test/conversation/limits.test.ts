/** What people see of the chat API's limits. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { becomesOwner } from "../world/owner.ts";
import type { Person } from "../world/person.ts";
import { sees, seesPart } from "../world/person.ts";
import type { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

/** One call at once, then one in three seconds; whoever waits more than half a second is told so. */
const scarce = {
  variables: { OPENAI_RPM: "20" },
  timing: { tellWaitMs: 500 },
} as const;

/** Somebody asks, and the post that says how long it takes is on its way. @returns lets it arrive */
async function isBeingTold(world: World, person: TelegramPerson, question: string): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const fault = { kind: "hold", until: promise } as const;
  const held = world.telegram.inject(fault, { method: "sendMessage", chatId: person.chat.id });
  person.says(question);
  await held.happened;
  return resolve;
}

/** Everything that was ever visible of the bot's only message to somebody. */
function looksOfOnlyPost(person: Person): readonly string[] {
  const [only, ...others] = person.looks();
  expect(others).toEqual([]);
  return only?.map(({ text }) => text) ?? [];
}

test.concurrent.for(platforms)(
  "who waits long for the model reads so, in the post that becomes the answer, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform], ...scarce });
    world.model.answerWith(numberedText(60));
    const [ada, bob] = [world.person(platform), world.person(platform)];
    ada.says("first");
    await sees(ada, numberedText(60));
    bob.says("second");
    await seesPart(bob, "I am busy right now");
    await sees(bob, numberedText(60));
    await world.isQuiet();
    const looks = looksOfOnlyPost(bob);
    expect(looks[0]).toBe("I am busy right now: your answer will begin in about 5 seconds.");
    expect(looks.at(-1)).toBe(numberedText(60));
    expect(looksOfOnlyPost(ada)).not.toContain(looks[0]);
    expect(world.model.received()).toBe(2);
  },
);

test.concurrent.for([
  ["TELEGRAM_STREAMING", "draft", "telegram"],
  ["SLACK_STREAMING", "native", "slack"],
] as const)("the line that says so becomes the answer with %s=%s, too", async ([name, value, platform]) => {
  await using world = await startWorld({
    platforms: [platform],
    ...scarce,
    variables: { ...scarce.variables, [name]: value },
  });
  const [ada, bob] = [world.person(platform), world.person(platform)];
  ada.says("first");
  await sees(ada, answerToText("first"));
  bob.says("second");
  await seesPart(bob, "I am busy right now");
  await sees(bob, answerToText("second"));
  await world.isQuiet();
  expect(bob.answers()).toEqual([answerToText("second")]);
});

test.concurrent.for(platforms)(
  "what is said of the wait becomes less while it passes, in the same place and without asking the model, on %s",
  async (platform) => {
    await using world = await startWorld({
      platforms: [platform],
      variables: { OPENAI_RPM: "2" },
      timing: { ...scarce.timing, renewWaitMs: 1_000 },
    });
    const [ada, bob] = [world.person(platform), world.person(platform)];
    ada.says("first");
    await sees(ada, answerToText("first"));
    bob.says("second");
    await seesPart(bob, "your answer will begin in about");
    const promised = () => looksOfOnlyPost(bob).map((text) => Number(/about (\d+) seconds/.exec(text)?.[1]));
    await bob.until(() => promised().length > 1);
    const [before = 0, after = 0] = promised();
    expect(after).toBeLessThan(before);
    expect(world.model.received()).toBe(1);
    bob.says(platform === "telegram" ? "/stop" : "!stop");
    await seesPart(bob, "[stopped]");
  },
);

test.concurrent.for(platforms)(
  "who stops a question that waits sees that in its place at once on %s",
  async (platform) => {
    const variables = { OPENAI_RPM: "1", PERSON_MESSAGES_PER_MINUTE: "0" };
    await using world = await startWorld({ platforms: [platform], ...scarce, variables });
    const [ada, bob] = [world.person(platform), world.person(platform)];
    ada.says("first");
    await sees(ada, answerToText("first"));
    bob.says("second");
    await seesPart(bob, "I am busy right now: your answer will begin in about a minute");
    bob.says(platform === "telegram" ? "/stop" : "!stop");
    await seesPart(bob, "[stopped]");
    await world.isQuiet();
    expect(bob.answers().filter((text) => text.includes("busy"))).toEqual([]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent("who stops a question just as it is shown how long it takes sees that at once", async () => {
  const variables = { OPENAI_RPM: "1", PERSON_MESSAGES_PER_MINUTE: "0" };
  const timing = { ...scarce.timing, renewWaitMs: 600_000 };
  await using world = await startWorld({ platforms: ["telegram"], variables, timing });
  const [ada, bob] = [world.telegramPerson(), world.telegramPerson()];
  ada.says("first");
  await sees(ada, answerToText("first"));
  const shown = await isBeingTold(world, bob, "second");
  bob.says("/stop");
  await seesPart(bob, words.stopped);
  shown();
  await seesPart(bob, "[stopped]");
  expect(world.model.received()).toBe(1);
});

test.concurrent("whoever waits behind a question that is stopped waits the less", async () => {
  const variables = { OPENAI_RPM: "4" };
  const timing = { ...scarce.timing, renewWaitMs: 1_000 };
  await using world = await startWorld({ platforms: ["telegram"], variables, timing });
  const [ada, bob, cid] = [world.telegramPerson(), world.telegramPerson(), world.telegramPerson()];
  ada.says("first");
  await sees(ada, answerToText("first"));
  bob.says("second");
  await seesPart(bob, "I am busy right now");
  cid.says("third");
  await seesPart(cid, "I am busy right now");
  bob.says("/stop");
  await seesPart(bob, "[stopped]");
  await cid.until(() => looksOfOnlyPost(cid).length > 1);
  // Behind Bob it would be about 20 by then.
  expect(looksOfOnlyPost(cid)[1]).toMatch(/about (5|10) seconds|third/);
  await sees(cid, answerToText("third"));
});

test.concurrent("nor do they wait for a question that is stopped just as it is shown how long it takes", async () => {
  const variables = { OPENAI_RPM: "4" };
  const timing = { ...scarce.timing, renewWaitMs: 1_000 };
  await using world = await startWorld({ platforms: ["telegram"], variables, timing });
  const [ada, bob, cid] = [world.telegramPerson(), world.telegramPerson(), world.telegramPerson()];
  ada.says("first");
  await sees(ada, answerToText("first"));
  const shown = await isBeingTold(world, bob, "second");
  cid.says("third");
  await seesPart(cid, "I am busy right now");
  bob.says("/stop");
  await seesPart(bob, words.stopped);
  shown();
  await seesPart(bob, "[stopped]");
  await cid.until(() => looksOfOnlyPost(cid).length > 1);
  // Behind Bob it would be about 20 by then.
  expect(looksOfOnlyPost(cid)[1]).toMatch(/about (5|10) seconds|third/);
});

test.concurrent("trying a model takes its part of the limits, and is not done when that would take too long", async () => {
  const models = ["test-model", "other-model"];
  await using world = await startWorld({ platforms: ["telegram"], variables: { OPENAI_RPM: "1" }, models });
  const owner = world.telegramPerson();
  await becomesOwner(world, owner, "/");
  owner.says("/model other-model");
  await seesPart(owner, "Changed");
  expect(world.model.received()).toBe(1);
  owner.says("Hello");
  await seesPart(owner, "I am busy right now: your answer will begin in about a minute");
  owner.says("/model other-model");
  await seesPart(owner, "`other-model` has too much to do for me to try it".replaceAll("`", ""));
  expect(world.model.received()).toBe(1);
  owner.says("/stop");
  await seesPart(owner, "[stopped]");
});

test.concurrent("people who wait for the model occupy no worker", async () => {
  await using world = await startWorld({
    platforms: ["telegram"],
    variables: { OPENAI_RPM: "60", CONCURRENCY: "1" },
  });
  const people = Array.from({ length: 8 }, () => world.telegramPerson());
  for (const [index, person] of people.entries()) person.says(`question ${index}`);
  await Promise.all(people.map((person, index) => sees(person, answerToText(`question ${index}`))));
  expect(world.model.received()).toBe(8);
});

test.concurrent("a server's limits are kept without a single refusal, and everybody is answered once", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  world.model.limit({ requestsPerMinute: 300, tokensPerMinute: 60_000 });
  const people = Array.from({ length: 40 }, () => world.telegramPerson());
  for (const [index, person] of people.entries()) person.says(`question ${index}`);
  await Promise.all(people.map((person, index) => sees(person, answerToText(`question ${index}`))));
  expect(world.model.received()).toBe(40);
  expect(world.model.refused()).toBe(0);
});

test.concurrent("a refusal by a rate limit is waited out, and nobody sees it", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  world.model.answerWith(({ number }) =>
    number === 1 ? { fault: faults.rateLimit({ "retry-after": "2" }) } : "Fine.",
  );
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, "Fine.");
  const [first, second] = world.model.requests;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_990);
  expect(world.model.received()).toBe(2);
});

test.concurrent("a used-up quota is told to everybody, asked for once, and written to the log once", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  world.model.answerWith({ fault: faults.quotaUsedUp() });
  for (const _ of [1, 2, 3]) {
    const person = world.telegramPerson();
    person.says("Hello");
    await sees(person, words.chatApi["quota-used-up"]);
  }
  expect(world.model.received()).toBe(1);
  expect(world.log.filter((line) => line.includes("refuses for good"))).toHaveLength(1);
});
