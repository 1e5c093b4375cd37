/** A group that becomes a supergroup gets another id and new message ids; for people it is the same chat. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { readsUpTo, wordsOf } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText, startWorld, type World, type WorldOptions } from "../world/world.ts";

const telegramOnly: WorldOptions = { platforms: ["telegram"] };

function startGroup({ telegram }: World) {
  const ada = telegram.createUser({ firstName: "Ada" });
  const group = telegram.createGroup({ title: "Friends", members: [ada], type: "group" });
  return {
    ada,
    group,
    before: new TelegramPerson(telegram, ada, group),
    /** The person in the supergroup that the group becomes. */
    upgrade: (updates: "sent" | "lost" = "sent") =>
      new TelegramPerson(telegram, ada, telegram.places.upgrade(group, ada, updates)),
  };
}

const contents = (world: World, number: number) =>
  world.model.requests.at(number)?.messages.map(({ content }) => content);

test.concurrent("what was said in the group is known in the supergroup", async () => {
  await using world = await startWorld(telegramOnly);
  const { before, upgrade } = startGroup(world);
  before.says("My cat is called Ada");
  await seesPart(before, "My cat");
  await world.isQuiet();
  const after = upgrade();
  after.says("What is it called?");
  await seesPart(after, "What is it");
  expect(contents(world, 1)).toEqual([
    "You are a test.",
    "Ada: My cat is called Ada",
    answerToText("Ada: My cat is called Ada"),
    "Ada: What is it called?",
  ]);
  expect(world.log.join("")).toContain("a chat has another id");
});

test.concurrent("the last answer in the group is given again in the supergroup", async () => {
  await using world = await startWorld(telegramOnly);
  world.model.answerWith(({ number }) => `Answer ${number}.`);
  const { before, upgrade } = startGroup(world);
  before.says("One");
  await sees(before, "Answer 1.");
  await world.isQuiet();
  const after = upgrade();
  after.says("/retry");
  await seesPart(after, "Answer 2.");
  await world.isQuiet();
  expect(contents(world, 1)).toEqual(["You are a test.", "Ada: One"]);
  after.says("/retry");
  await seesPart(after, "Answer 3.");
  expect(after.answers()).toHaveLength(1);
});

test.concurrent("where nothing comes of giving it again in the supergroup, it is remembered all the same", async () => {
  await using world = await startWorld(telegramOnly);
  world.model.answerWith(({ number }) =>
    number === 2 ? { fault: faults.contentPolicy() } : `Answer ${number}.`,
  );
  const { before, upgrade } = startGroup(world);
  before.says("One");
  await sees(before, "Answer 1.");
  await world.isQuiet();
  const after = upgrade();
  after.says("/retry");
  await seesPart(after, words.chatApi.refused);
  await world.isQuiet();
  after.says("Two");
  await seesPart(after, "Answer 3.");
  expect(contents(world, 2)).toEqual(["You are a test.", "Ada: One", "Answer 1.", "Ada: Two"]);
});

test.concurrent("an entry that names the group lets people in after it, too", async () => {
  await using world = await startWorld({ ...telegramOnly, variables: { ALLOW: "telegram:-5000001" } });
  const { group, before, upgrade } = startGroup(world);
  expect(group.id).toBe(-5_000_001);
  before.says("one");
  await sees(before, answerToText("Ada: one"));
  await world.isQuiet();
  const after = upgrade();
  after.says("two");
  after.says("/help");
  await seesPart(after, "language model");
  await seesPart(after, answerToText("Ada: two"));
  const other = new TelegramPerson(
    world.telegram,
    after.user,
    world.telegram.createGroup({ title: "Strangers", members: [after.user] }),
  );
  other.says("three");
  await seesPart(other, "not allowed");
});

test.concurrent("an answer that runs while the group is upgraded ends whole, and what waits follows in the supergroup", async () => {
  await using world = await startWorld(telegramOnly);
  const { before, upgrade } = startGroup(world);
  const long = numberedText(900);
  world.model.answerWith(({ messages }) =>
    messages.at(-1)?.content === "Ada: Hello" ? long : (messages.at(-1)?.content ?? ""),
  );
  world.model.hold(20);
  before.says("Hello");
  await seesPart(before, "word20");
  await world.hasRecorded(1);
  before.says("and then?");
  await world.hasWaiting(2);
  const after = upgrade();
  after.says("and here?");
  await world.hasWaiting(3);
  world.model.release();
  await seesPart(after, "and here?");
  await world.isQuiet();
  expect(wordsOf([...before.answers(), ...after.answers()])).toEqual(long.split(" "));
  expect(before.answers()).toHaveLength(1);
  expect(after.answers().slice(-2)).toEqual(["Ada: and then?", "Ada: and here?"]);
  expect(contents(world, -1)).toContain("Ada: and then?");
  // The first page stays where it is, the others answer no message of the supergroup's.
  const marks = after.messages().map(({ replyTo }) => replyTo);
  expect(marks.slice(0, -1).every((mark) => mark === undefined)).toBe(true);
  expect(marks.at(-1)).toBe(2);
});

test.concurrent("a finished answer that meets the upgrade first comes into the supergroup without a second call of the model", async () => {
  await using world = await startWorld(telegramOnly);
  const { before, upgrade } = startGroup(world);
  world.model.answerWith("Purr.");
  world.model.hold(0);
  before.says("Hello");
  await world.model.hasReceived(1);
  before.says("Still there?");
  await world.hasWaiting(2);
  const after = upgrade("lost");
  world.model.release();
  await sees(after, "Purr.", "Purr.");
  await world.isQuiet();
  expect(before.answers()).toEqual([]);
  expect(world.model.received()).toBe(2);
  expect(contents(world, -1)).toEqual(["You are a test.", "Ada: Hello", "Purr.", "Ada: Still there?"]);
});

test.concurrent("a long answer that meets the upgrade between its pages goes on in the supergroup", async () => {
  await using world = await startWorld(telegramOnly);
  const { before, upgrade } = startGroup(world);
  const long = numberedText(900);
  await readsUpTo(world, before, long, 20);
  await world.hasRecorded(1);
  const after = upgrade("lost");
  world.model.release();
  await seesPart(after, "word900");
  await world.isQuiet();
  expect(wordsOf([...before.answers(), ...after.answers()])).toEqual(long.split(" "));
  after.says("Hello again");
  await after.until(() => world.model.requests.at(-1)?.messages.at(-1)?.content === "Ada: Hello again");
  expect(contents(world, -1)).toContain("Ada: Hello");
});

test.concurrent("a command whose answer meets the upgrade is answered in the supergroup", async () => {
  await using world = await startWorld(telegramOnly);
  const { before, group, upgrade } = startGroup(world);
  const held = Promise.withResolvers<void>();
  const fault = world.telegram.inject({ kind: "hold", until: held.promise }, { method: "sendMessage" });
  before.says("/help");
  await fault.happened;
  const after = upgrade("lost");
  held.resolve();
  await seesPart(after, "language model");
  expect(world.telegram.visible(group).filter(({ from }) => from.isBot)).toEqual([]);
});

test.concurrent("what the old chat delivers late, or again, is dealt with in the new one, once", async () => {
  await using world = await startWorld(telegramOnly);
  const { ada, group, before, upgrade } = startGroup(world);
  const said = before.says("one");
  await sees(before, answerToText("Ada: one"));
  await world.isQuiet();
  const after = upgrade();
  after.says("two");
  await sees(after, answerToText("Ada: two"));
  const delivers = (fields: Readonly<Record<string, unknown>>) =>
    world.telegram.deliver({
      message: {
        date: Math.floor(Date.now() / 1_000),
        from: { id: ada.id, is_bot: false, first_name: "Ada" },
        chat: { id: group.id, type: "group" },
        ...fields,
      },
    });
  const entities = [{ type: "mention", offset: 0, length: 11 }];
  delivers({ message_id: said.id + 2, migrate_to_chat_id: after.chat.id });
  delivers({ message_id: said.id, text: "@parley_bot one", entities });
  delivers({ message_id: 90, text: "@parley_bot late", entities });
  await sees(after, answerToText("Ada: two"), answerToText("Ada: late"));
  await world.isQuiet();
  expect(before.answers()).toEqual([answerToText("Ada: one")]);
  expect(world.model.received()).toBe(3);
});

test.concurrent("after it nothing of the group is left in Redis but where it went", async () => {
  await using world = await startWorld(telegramOnly);
  const { group, before, upgrade } = startGroup(world);
  before.says("one");
  await seesPart(before, "one");
  await world.isQuiet();
  const after = upgrade();
  after.says("two");
  await seesPart(after, "two");
  await world.isQuiet();
  const { prefix } = createKeys();
  const left = (await world.control.keys(`${prefix}:*${group.id}`)).map((key) =>
    key.slice(prefix.length + 1),
  );
  const names = left.map((key) => key.split(":")[0]).filter((name) => name !== "turns");
  expect(new Set(names)).toEqual(new Set(["journal", "moved"]));
  for (const key of left.filter((name) => !name.startsWith("turns")))
    expect(await world.control.ttl(`${prefix}:${key}`)).toBeGreaterThan(0);
});
