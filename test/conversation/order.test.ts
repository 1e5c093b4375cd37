import { expect, test } from "vitest";
import { sees, seesPart } from "../world/person.ts";
import { answerToText, startWorld } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

test.concurrent.for(platforms)(
  "the model is told what was said before, and /new forgets it, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    person.says("My cat is called Ada");
    await seesPart(person, "My cat");
    person.says("What is it called?");
    await seesPart(person, "What is it");
    const remembered = world.model.requests[1]?.messages.map(({ content }) => content);
    expect(remembered).toEqual([
      "You are a test.",
      "My cat is called Ada",
      answerToText("My cat is called Ada"),
      "What is it called?",
    ]);
    person.says(platform === "telegram" ? "/new" : "!new");
    await seesPart(person, "Started afresh");
    person.says("And now?");
    await seesPart(person, "And now");
    expect(world.model.requests[2]?.messages.map(({ content }) => content)).toEqual([
      "You are a test.",
      "And now?",
    ]);
  },
);

test.concurrent.for(platforms)(
  "messages sent while an answer runs are answered after it, in order, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const questions = ["one", "two", "three"];
    world.model.hold(1);
    const person = world.person(platform);
    person.says("one");
    await world.model.hasSent(1);
    for (const question of questions.slice(1)) person.says(question);
    await world.hasWaiting(3);
    world.model.release();
    await sees(person, ...questions.map(answerToText));
    const last = world.model.requests.at(-1)?.messages.map(({ content }) => content);
    expect(last).toEqual([
      "You are a test.",
      "one",
      answerToText("one"),
      "two",
      answerToText("two"),
      "three",
    ]);
    expect(world.model.received()).toBe(3);
  },
);

test.concurrent.for(platforms)(
  "one person's long answer keeps nobody else waiting on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const [slow, quick] = [world.person(platform), world.person(platform)];
    const unending = {
      text: "Slowly",
      fault: { kind: "break", how: "silence", after: { tokens: 1 } },
    } as const;
    world.model.answerWith(({ messages }) => (messages.at(-1)?.content === "slow" ? unending : "Done."));
    slow.says("slow");
    await seesPart(slow, "Slowly");
    quick.says("quick");
    await sees(quick, "Done.");
    // Its answer was running all the time, and runs on.
    expect(world.model.requests.map(({ abortedAtMs }) => abortedAtMs)).toEqual([undefined, undefined]);
    expect(slow.answers()).toEqual(["Slowly"]);
  },
);

test.concurrent.for(platforms)(
  "a message that is delivered again and again is answered once on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    const said = person.says("Hello");
    for (let again = 0; again < 4; again += 1) redeliver(world, said);
    await sees(person, answerToText("Hello"));
    redeliver(world, said);
    person.says("Bye");
    await sees(person, answerToText("Hello"), answerToText("Bye"));
    await world.isQuiet();
    expect(world.model.received()).toBe(2);

    function redeliver({ telegram, slack }: typeof world, message: typeof said): void {
      if (typeof message === "object") telegram.redeliver(message);
      else if ("channel" in person) slack.redeliver(person.channel, message);
    }
  },
);

test.concurrent("two chats with the same words share nothing", async () => {
  await using world = await startWorld();
  const people = [world.telegramPerson(), world.telegramPerson(), world.slackPerson(), world.slackPerson()];
  for (const [index, person] of people.entries()) person.says(`secret-${index}`);
  await Promise.all(people.map((person, index) => seesPart(person, `secret-${index}`)));
  for (const person of people) person.says("What do you know?");
  await Promise.all(people.map((person) => seesPart(person, "What do you know")));
  const seen = world.model.requests.map(
    ({ messages }) => new Set(JSON.stringify(messages).match(/secret-\d/g)).size,
  );
  expect(seen).toEqual(Array.from({ length: 8 }, () => 1));
});
