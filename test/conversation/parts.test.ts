/** Several messages that are one thing said: a text that the app has cut, an album. */

import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World, type WorldOptions } from "../world/world.ts";

/** So long that an app sends it as three messages. */
const longText = Array.from(
  { length: 180 },
  (_, line) => `Line ${line}: what somebody has pasted, whole.`,
).join("\n");

function openWorld(
  telegram: NonNullable<WorldOptions["telegram"]> = {},
  timing: NonNullable<WorldOptions["timing"]> = {},
): Promise<World> {
  return startWorld({ platforms: ["telegram"], telegram, timing });
}

/** What the model was asked, without the system prompt. */
function questions(world: World): readonly (string | undefined)[] {
  return world.model.requests.map(({ messages }) => messages.at(-1)?.content);
}

/** Two people in a group where the bot sees everything. */
function openGroup({ telegram }: World) {
  const [ada, bob] = [telegram.createUser({ firstName: "Ada" }), telegram.createUser({ firstName: "Bob" })];
  const chat = telegram.createGroup({ title: "Engines", members: [ada, bob] });
  return { ada: new TelegramPerson(telegram, ada, chat), bob: new TelegramPerson(telegram, bob, chat), chat };
}

test.concurrent("a long text that the app has cut is asked as one, and its answer follows the first part", async () => {
  await using world = await openWorld();
  world.model.answerWith("Read.");
  const person = world.telegramPerson();
  person.says(longText);
  await sees(person, "Read.");
  await world.isQuiet();
  expect(questions(world)).toEqual([longText]);
});

test.concurrent("a message delivered again while its text waits for the rest changes nothing", async () => {
  await using world = await openWorld();
  world.model.answerWith("Read.");
  const person = world.telegramPerson();
  const first = person.says(longText);
  world.telegram.redeliver(first, 3);
  await sees(person, "Read.");
  world.telegram.redeliver(first);
  person.says("And?");
  await sees(person, "Read.", "Read.");
  expect(questions(world)).toEqual([longText, "And?"]);
});

test.concurrent("in a group the pieces without the mention belong to the one with it, what others say does not", async () => {
  await using world = await openWorld({ canReadAllGroupMessages: true });
  world.model.answerWith("Read.");
  const { ada, bob, chat } = openGroup(world);
  const lines = longText.split("\n");
  const [start, end] = [lines.slice(0, 94).join("\n"), lines.slice(94).join("\n")];
  world.telegram.says(ada.user, chat, start, { mentionBot: true });
  world.telegram.says(bob.user, chat, "What a text!");
  world.telegram.says(bob.user, chat, "And what do you say?", { mentionBot: true });
  world.telegram.says(ada.user, chat, end);
  await sees(ada, "Read.", "Read.");
  await world.isQuiet();
  expect(questions(world)).toEqual([`Ada: ${longText}`, "Bob: And what do you say?"]);
  expect(ada.messages().map(({ replyTo }) => replyTo)).toEqual([1, 3]);
});

test.concurrent("a long text among people is answered when its last piece is for the bot, and forgotten when none is", async () => {
  await using world = await openWorld({ canReadAllGroupMessages: true });
  world.model.answerWith("Read.");
  const { ada, chat } = openGroup(world);
  world.telegram.says(ada.user, chat, longText);
  world.telegram.says(
    ada.user,
    chat,
    `${longText.slice(0, 5_000)} @${world.telegram.botUser.username} sum it up`,
  );
  await sees(ada, "Read.");
  await world.isQuiet();
  expect(questions(world)).toHaveLength(1);
  expect(questions(world)[0]).toContain("sum it up");
  const stored = await world.control.keys("*");
  expect(stored.filter((key) => /:(inbox|messages):/.test(key))).toEqual([]);
});

test.concurrent("an album with a question is one question", async () => {
  await using world = await openWorld();
  world.model.answerWith("Cats.");
  const person = world.telegramPerson();
  world.telegram.sendsAlbum(person.user, person.chat, ["photo", "video", "photo"], {
    caption: "What are these?",
  });
  await sees(person, "Cats.");
  await world.isQuiet();
  expect(questions(world)).toEqual([
    "What are these?\n\n[attached: a photo and a video, which you cannot see]",
  ]);
});

test.concurrent("an album without words gets one sentence", async () => {
  await using world = await openWorld();
  const person = world.telegramPerson();
  world.telegram.sendsAlbum(person.user, person.chat, ["photo", "photo", "photo"]);
  await sees(person, words.unsupported("a photo"));
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
});

test.concurrent("an album in a group is for the bot when any of its captions says so", async () => {
  await using world = await openWorld({ canReadAllGroupMessages: true });
  world.model.answerWith("Cats.");
  const { ada, bob, chat } = openGroup(world);
  const fields = { media_group_id: "1" };
  world.telegram.sendsAlbum(bob.user, chat, ["photo", "photo"], { caption: "Look!" });
  world.telegram.sends(ada.user, chat, "photo", { caption: "the left one", fields });
  world.telegram.sends(ada.user, chat, "photo", { caption: "what is it?", mentionBot: true, fields });
  await sees(ada, "Cats.");
  await world.isQuiet();
  expect(questions(world)).toEqual([
    "Ada: the left one\nwhat is it?\n\n[attached: a photo, which you cannot see]",
  ]);
});

test.concurrent("a picture that comes after the album's answer has begun is a message of its own", async () => {
  await using world = await openWorld();
  const person = world.telegramPerson();
  const fields = { media_group_id: "1" };
  world.telegram.sends(person.user, person.chat, "photo", { fields });
  await seesPart(person, "a photo");
  world.telegram.sends(person.user, person.chat, "video", { fields });
  await sees(person, words.unsupported("a photo"), words.unsupported("a video"));
});

test.concurrent("a command waits for no part of a text", async () => {
  await using world = await openWorld({}, { albumPartMs: 60_000 });
  const person = world.telegramPerson();
  world.telegram.sendsAlbum(person.user, person.chat, ["photo", "photo"], { caption: "What are these?" });
  await world.hasWaiting(2);
  person.says("/stop");
  await seesPart(person, "Dropped 2");
  await world.isQuiet();
  expect(world.model.received()).toBe(0);
});
