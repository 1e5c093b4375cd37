/** The last answer is given again, on its own pages: by whom, when, and what is remembered of it. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { plain } from "../world/governed.ts";
import type { Person } from "../world/person.ts";
import { sees, seesPart } from "../world/person.ts";
import { platforms } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

const retries = (person: Person) => person.says(person instanceof TelegramPerson ? "/retry" : "!retry");

const stops = (person: Person) => person.says(person instanceof TelegramPerson ? "/stop" : "!stop");

const toldTo = (world: World, number: number) =>
  world.model.requests[number - 1]?.messages.map(({ role, content }) => `${role}: ${content}`).slice(1);

/** Resolves when these are all the bot's messages, whatever the platform's markup around their words. */
async function readsAll(person: Person, ...texts: readonly string[]): Promise<void> {
  const read = () => person.answers().map(plain);
  await person.until(() => read().length === texts.length).catch(() => undefined);
  expect(read()).toEqual(texts.map(plain));
}

/** The bot's messages by id and text. */
const posts = ({ telegram, slack }: World, person: Person) =>
  person instanceof TelegramPerson
    ? telegram.callsOf("sendMessage").length
    : slack.callsOf("chat.postMessage").length;

test.concurrent.for(platforms)(
  "the same message gets the new text, and the history holds it alone, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    world.model.answerWith(({ number }) => `Answer ${number}.`);
    person.says("One");
    await sees(person, "Answer 1.");
    person.says("Two");
    await sees(person, "Answer 1.", "Answer 2.");
    await world.isQuiet();
    retries(person);
    await sees(person, "Answer 1.", "Answer 3.");
    await world.isQuiet();
    retries(person);
    await sees(person, "Answer 1.", "Answer 4.");
    await world.isQuiet();
    expect(posts(world, person)).toBe(2);
    person.says("Three");
    await seesPart(person, "Answer 5.");
    expect(toldTo(world, 3)).toEqual(["user: One", "assistant: Answer 1.", "user: Two"]);
    expect(toldTo(world, 4)).toEqual(toldTo(world, 3));
    expect(toldTo(world, 5)?.slice(2)).toEqual(["user: Two", "assistant: Answer 4.", "user: Three"]);
  },
);

test.concurrent.for(platforms)(
  "an answer of several pages becomes one of one page, and grows in its first page, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    const text = numberedText(30).replaceAll("word", "other");
    world.model.answerWith(({ number }) => (number === 1 ? numberedText(1_500) : text));
    person.says("One");
    await seesPart(person, "word1500");
    await world.isQuiet();
    const before = posts(world, person);
    world.model.hold(20);
    retries(person);
    await person.until(() => person.answers()[0]?.includes("other20") ?? false);
    world.model.release();
    await sees(person, text);
    await world.isQuiet();
    expect(posts(world, person)).toBe(before);
  },
);

test.concurrent("a page that is gone is posted anew, and those behind it with it", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  const [long, again] = [numberedText(1_500), numberedText(1_500).replaceAll("word", "other")];
  world.model.answerWith(({ number }) => (number === 1 ? long : again));
  person.says("One");
  await seesPart(person, "word1500");
  await world.isQuiet();
  const [first] = person.messages();
  world.telegram.deletes({ chatId: person.chat.id, id: first?.id ?? 0 });
  retries(person);
  await seesPart(person, "other1500");
  await world.isQuiet();
  const seen = person.answers().join(" ");
  expect(seen.match(/other\d+/g)).toEqual(again.split(" "));
  expect(seen).not.toMatch(/word/);
});

test.concurrent.for(platforms)("an answer that was stopped is given whole, on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  const person = world.person(platform);
  const text = numberedText(40);
  world.model.answerWith(text);
  world.model.hold(12);
  person.says("One");
  await seesPart(person, "word12");
  person.says(person instanceof TelegramPerson ? "/stop" : "!stop");
  await seesPart(person, "Stopped.");
  world.model.release();
  await world.isQuiet();
  retries(person);
  await person.until(() => person.answers().includes(text));
  expect(person.answers()).toHaveLength(2);
});

test.concurrent.for(platforms)(
  "the old answer stands while the new one waits for the model, and stays when that is stopped, on %s",
  async (platform) => {
    const variables = { OPENAI_RPM: "1" };
    await using world = await startWorld({ platforms: [platform], variables });
    const person = world.person(platform);
    world.model.answerWith("The answer.");
    person.says("One");
    await sees(person, "The answer.");
    await world.isQuiet();
    retries(person);
    await world.hasReleased();
    expect(person.answers()).toEqual(["The answer."]);
    stops(person);
    await sees(person, "The answer.", words.stopped);
    await world.isQuiet();
    expect(person.answers()).toEqual(["The answer.", words.stopped]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent.for(platforms)(
  "stopped before its first word, a new answer leaves the old one, in the history as well, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    world.model.answerWith(({ number }) => `Answer ${number}.`);
    person.says("One");
    await sees(person, "Answer 1.");
    await world.isQuiet();
    world.model.hold(0);
    retries(person);
    await world.model.hasReceived(2);
    stops(person);
    await sees(person, "Answer 1.", words.stopped);
    world.model.release();
    await world.isQuiet();
    person.says("Two");
    await sees(person, "Answer 1.", words.stopped, "Answer 3.");
    expect(toldTo(world, 3)).toEqual(["user: One", "assistant: Answer 1.", "user: Two"]);
    await world.isQuiet();
    retries(person);
    await sees(person, "Answer 1.", words.stopped, "Answer 4.");
  },
);

test.concurrent.for(platforms)(
  "a new answer that comes to nothing leaves the old one, in the history as well, and the reason stands below, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    const comesTo = [
      "Answer 1.",
      { fault: faults.contentPolicy() },
      { text: "" },
      { text: "", finish: "content_filter" as const },
      "Answer 5.",
      "Answer 6.",
    ];
    world.model.answerWith(({ number }) => comesTo[number - 1] ?? "");
    person.says("One");
    await sees(person, "Answer 1.");
    await world.isQuiet();
    const below = [words.chatApi.refused, words.empty, "[cut short by the model's content filter]"];
    for (let times = 1; times <= below.length; times += 1) {
      retries(person);
      await readsAll(person, "Answer 1.", ...below.slice(0, times));
      await world.isQuiet();
    }
    person.says("Two");
    await readsAll(person, "Answer 1.", ...below, "Answer 5.");
    expect(toldTo(world, 5)).toEqual(["user: One", "assistant: Answer 1.", "user: Two"]);
  },
);

test.concurrent.for(platforms)(
  "what stands below goes when the answer is given again after all, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    world.model.answerWith(({ number }) =>
      number === 2 ? { fault: faults.contentPolicy() } : `Answer ${number}.`,
    );
    person.says("One");
    await sees(person, "Answer 1.");
    await world.isQuiet();
    retries(person);
    await readsAll(person, "Answer 1.", words.chatApi.refused);
    await world.isQuiet();
    retries(person);
    await sees(person, "Answer 3.");
    await world.isQuiet();
    person.says("Two");
    await seesPart(person, "Answer 4.");
    expect(toldTo(world, 4)).toEqual(["user: One", "assistant: Answer 3.", "user: Two"]);
  },
);

test.concurrent("a sentence of the bot's own is no answer: another takes its place", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  world.model.answerWith(({ number }) => (number === 1 ? { fault: faults.contentPolicy() } : { text: "" }));
  person.says("One");
  await sees(person, words.chatApi.refused);
  await world.isQuiet();
  retries(person);
  await sees(person, words.empty);
});

test.concurrent.for(platforms)("not while an answer runs, and not without one, on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  const person = world.person(platform);
  retries(person);
  await seesPart(person, words.notRetried.nothing);
  world.model.answerWith("Fine.");
  world.model.hold(0);
  person.says("One");
  await world.model.hasReceived(1);
  retries(person);
  await seesPart(person, words.notRetried.running);
  world.model.release();
  await seesPart(person, "Fine.");
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});

test.concurrent("somebody else's answer is given again only to who asked, or for an admin", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const { telegram } = world;
  const [ada, ben] = ["Ada", "Ben"].map((firstName) => telegram.createUser({ firstName }));
  if (ada === undefined || ben === undefined) throw new Error("Two people were made");
  const chat = telegram.createGroup({ title: "Engines", members: [ada, ben] });
  const person = new TelegramPerson(telegram, ada, chat);
  world.model.answerWith(({ number }) => `Answer ${number}.`);
  person.says("One");
  await seesPart(person, "Answer 1.");
  await world.isQuiet();
  telegram.says(ben, chat, "/retry");
  await seesPart(person, words.notRetried.foreign);
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
  retries(person);
  await seesPart(person, "Answer 2.");
  expect(person.answers()).not.toContain("Answer 1.");
  await world.isQuiet();
  await world.control.hset(createKeys().admins, `telegram:${ben.id}`, '"admin"');
  telegram.says(ben, chat, "/retry");
  await seesPart(person, "Answer 3.");
  expect(person.answers()).not.toContain("Answer 2.");
});

test.concurrent("what /new has hidden is not answered again", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const person = world.telegramPerson();
  world.model.answerWith("Fine.");
  person.says("One");
  await sees(person, "Fine.");
  await world.isQuiet();
  person.says("/new");
  await seesPart(person, "Started afresh");
  retries(person);
  await seesPart(person, words.notRetried.nothing);
});
