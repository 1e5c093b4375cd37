/** Answers that end in another way than by being short and whole. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { wordsOf } from "../world/growing.ts";
import { known } from "../world/known.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;

test.concurrent.for(platforms)(
  "beyond ten pages the whole answer comes as a file on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const text = numberedText(7_000);
    world.model.answerWith(text);
    const person = world.person(platform);
    person.says("Hello");
    await seesPart(person, "in the attached file");
    await world.isQuiet();
    const shown = wordsOf(person.answers()) ?? [];
    expect(person.answers().filter((answer) => answer.includes("word")).length).toBe(9);
    expect(text.startsWith(shown.join(" "))).toBe(true);
    expect(world.files()).toEqual([text]);
  },
);

test.concurrent.for(platforms)("an empty answer says that it is empty on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  world.model.answerWith({ text: "", finish: "stop" });
  const person = world.person(platform);
  person.says("Hello");
  await sees(person, words.empty);
});

test.concurrent.for(platforms)(
  "an answer that is deleted while it is written ends quietly on %s, the next one is given",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    world.model.answerWith(({ number }) => (number === 1 ? numberedText(60) : "Fine."));
    world.model.hold(20);
    const person = world.person(platform);
    person.says("Hello");
    await seesPart(person, "word20");
    await world.hasRecorded(1);
    if (person instanceof TelegramPerson) {
      for (const message of person.messages()) world.telegram.deletes(message);
    } else {
      const own = world.slack.visible(person.channel, person.thread).filter(({ fromBot }) => fromBot);
      for (const { ts } of own) world.slack.people.deletes(person.channel, ts);
    }
    world.model.release();
    await world.turnsAreOver();
    expect(person.answers()).toEqual([]);
    person.says("And now?");
    await sees(person, "Fine.");
    expect(world.model.received()).toBe(2);
  },
);

test.concurrent("a person who blocks the bot is left alone, and is answered again after taking that back", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  world.model.answerWith(({ number }) => (number === 1 ? numberedText(60) : "Fine."));
  world.model.hold(20);
  const person = world.telegramPerson();
  person.says("Hello");
  await seesPart(person, "word20");
  world.telegram.block(person.user);
  world.model.release();
  await world.isQuiet();
  world.telegram.unblock(person.user);
  person.says("And now?");
  await seesPart(person, "Fine.");
});

test.concurrent("in a group the answer replies to its question, and the model is told who asked", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const ada = world.telegram.createUser({ firstName: "Ada: admin" });
  const group = world.telegram.createGroup({ title: "Friends", members: [ada] });
  const person = new TelegramPerson(world.telegram, ada, group);
  const question = person.says("who am I?");
  await seesPart(person, "who am I?");
  expect(person.messages()[0]?.replyTo).toBe(question.id);
  expect(world.model.requests[0]?.messages.at(-1)?.content).toBe("Ada admin: who am I?");
});

test.concurrent("the model stays inside a code block: it is closed before the mark of the cut", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  world.model.answerWith({ text: "Look:\n\n```js\nconst a = 1;\n", finish: "length" });
  const person = world.telegramPerson();
  person.says("Hello");
  await seesPart(person, "length limit");
  const [shown] = person.messages();
  const { offset, length } = known(shown?.entities.find(({ type }) => type === "pre"));
  expect(shown?.text.slice(offset, offset + length).trim()).toBe("const a = 1;");
});
