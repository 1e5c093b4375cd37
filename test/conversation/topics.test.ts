/** Topics are conversations of their own; the answer of one that is gone comes into the chat, whole. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import type { SimChat, SimUser } from "../../simulator/telegram/state.ts";
import { words } from "../../src/core/words.ts";
import { readsUpTo, wordsOf } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { answerToText, startWorld, type World, type WorldOptions } from "../world/world.ts";

const telegramOnly: WorldOptions = { platforms: ["telegram"] };

interface Forum {
  readonly ada: SimUser;
  readonly chat: SimChat;
  /** In the chat itself, where everything is seen. */
  readonly everywhere: TelegramPerson;
  opens(name: string): TelegramPerson;
}

function startForum({ telegram }: World, kind: "forum" | "private" = "forum"): Forum {
  const ada = telegram.createUser({ firstName: "Ada" });
  const chat =
    kind === "private"
      ? telegram.createPrivateChat(ada)
      : telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  return {
    ada,
    chat,
    everywhere: new TelegramPerson(telegram, ada, chat),
    opens: (name) => new TelegramPerson(telegram, ada, chat, telegram.places.createTopic(chat, ada, name)),
  };
}

const contents = (world: World, number: number) =>
  world.model.requests[number]?.messages.map(({ content }) => content);

/** What stands in the chat outside every topic. */
const outside = ({ everywhere }: Forum) =>
  everywhere.messages().filter(({ threadId }) => threadId === undefined);

test.concurrent.for(["forum", "private"] as const)(
  "each topic of a %s chat, and the chat itself, is a conversation of its own",
  async (kind) => {
    await using world = await startWorld(telegramOnly);
    const forum = startForum(world, kind);
    const [cats, dogs] = [forum.opens("Cats"), forum.opens("Dogs")];
    world.model.hold(0);
    const said = [
      [cats, "purr"],
      [dogs, "bark"],
      [forum.everywhere, "hum"],
    ] as const;
    for (const [person, word] of said) person.says(word);
    const typing = () =>
      world.telegram.callsOf("sendChatAction").map(({ payload }) => payload.message_thread_id);
    await world.telegram.until(() => said.every(([{ topic }]) => typing().includes(topic)));
    world.model.release();
    for (const [person, word] of said) await seesPart(person, word);
    const question = (word: string) => (kind === "forum" ? `Ada: ${word}` : word);
    await sees(cats, answerToText(question("purr")));
    await sees(dogs, answerToText(question("bark")));
    const hums = () => outside(forum).map(({ text }) => text);
    await forum.everywhere.until(() => hums()[0] === answerToText(question("hum")));
    expect(hums()).toHaveLength(1);
    dogs.says("again");
    await seesPart(dogs, "again");
    expect(contents(world, 3)).toEqual([
      "You are a test.",
      question("bark"),
      answerToText(question("bark")),
      question("again"),
    ]);
  },
);

test.concurrent("commands and files stay in their topic", async () => {
  await using world = await startWorld(telegramOnly);
  const cats = startForum(world).opens("Cats");
  cats.says("/help");
  await seesPart(cats, "language model");
  world.model.answerWith(numberedText(7_000));
  cats.says("Everything, please");
  await seesPart(cats, "in the attached file");
  await world.isQuiet();
  expect(cats.messages().filter(({ document }) => document !== undefined)).toHaveLength(1);
});

test.concurrent.for(["forum", "private"] as const)(
  "an answer whose topic is gone before it begins comes into the %s chat and says so",
  async (kind) => {
    await using world = await startWorld(telegramOnly);
    const forum = startForum(world, kind);
    const cats = forum.opens("Cats");
    world.model.answerWith("Purr.");
    world.model.hold(0);
    cats.says("Hello");
    await world.model.hasReceived(1);
    world.telegram.places.losesTopic(forum.chat, cats.topic ?? 0);
    world.model.release();
    await sees(forum.everywhere, `${words.topicGone}\nPurr.`);
    await world.isQuiet();
    const marks = forum.everywhere.messages().map(({ threadId, replyTo }) => [threadId, replyTo]);
    expect(marks).toEqual([[undefined, undefined]]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent("an answer that grew as a draft in a topic that is gone is posted in the chat", async () => {
  await using world = await startWorld({ ...telegramOnly, variables: { TELEGRAM_STREAMING: "draft" } });
  const forum = startForum(world, "private");
  const cats = forum.opens("Cats");
  world.model.answerWith(numberedText(60));
  world.model.hold(20);
  cats.says("Hello");
  await world.telegram.until(() => world.telegram.callsOf("sendMessageDraft").some(({ applied }) => applied));
  world.telegram.places.losesTopic(forum.chat, cats.topic ?? 0);
  world.model.release();
  await sees(forum.everywhere, `${words.topicGone}\n${numberedText(60)}`);
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});

test.concurrent("an answer whose topic goes with half of it comes into the chat, whole and once", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  await readsUpTo(world, cats, numberedText(900), 20);
  await world.hasRecorded(1);
  world.telegram.places.losesTopic(forum.chat, cats.topic ?? 0);
  world.model.release();
  await seesPart(forum.everywhere, "word900");
  await world.isQuiet();
  expect(wordsOf(forum.everywhere.answers())).toEqual(numberedText(900).split(" "));
  expect(forum.everywhere.answers()[0]?.startsWith(words.topicGone)).toBe(true);
  expect(forum.everywhere.answers()[1]?.startsWith(words.topicGone)).toBe(false);
  expect(outside(forum)).toHaveLength(forum.everywhere.answers().length);
  expect(world.model.received()).toBe(1);
});

test.concurrent("a topic that only the bot cannot reach any more keeps nothing of the answer", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  await readsUpTo(world, cats, numberedText(900), 20);
  await world.hasRecorded(1);
  world.telegram.places.losesTopic(forum.chat, cats.topic ?? 0, "kept");
  world.model.release();
  await seesPart(forum.everywhere, words.topicGone);
  await world.isQuiet();
  expect(cats.answers()).toEqual([]);
  expect(wordsOf(forum.everywhere.answers())).toEqual(numberedText(900).split(" "));
  expect(world.model.received()).toBe(1);
});

test.concurrent("a later run of the answer goes on in the chat, with the pages that are there", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  world.model.answerWith(numberedText(900));
  world.model.hold(0);
  cats.says("Hello");
  await world.model.hasReceived(1);
  world.telegram.places.losesTopic(forum.chat, cats.topic ?? 0);
  // The first page gets there; before the second one, the chat is closed for longer than a run waits.
  world.telegram.onChange((change) => {
    if (change.kind !== "message" || !change.message.text.startsWith(words.topicGone)) return;
    world.telegram.inject({ kind: "limit", retryAfterS: 1 }, { method: "sendMessage" });
  });
  world.model.release();
  await seesPart(forum.everywhere, "word900");
  await world.isQuiet();
  expect(wordsOf(forum.everywhere.answers())).toEqual(numberedText(900).split(" "));
  const refused = world.telegram.callsOf("sendMessage").filter(({ status }) => status === 400);
  expect(refused).toHaveLength(1);
  expect(world.model.received()).toBe(1);
});

test.concurrent("a file whose topic goes at the last moment comes with the whole answer", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  const text = numberedText(7_000);
  world.model.answerWith(text);
  world.telegram.onChange((change) => {
    if (change.kind !== "message" || !change.message.text.includes("in the attached file")) return;
    if (change.message.threadId !== undefined)
      world.telegram.places.losesTopic(forum.chat, change.message.threadId);
  });
  cats.says("Everything, please");
  await forum.everywhere.until(() => world.files().length === 1);
  await world.isQuiet();
  expect(world.files()).toEqual([text]);
  expect(forum.everywhere.answers()[0]).toMatch(/gone, so I answer here\.\)\nword1 /);
  expect(forum.everywhere.answers()).toHaveLength(11);
});

test.concurrent("a command whose topic is gone is answered in the chat", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  const refusal = {
    kind: "refuse",
    code: 400,
    description: "Bad Request: message thread not found",
  } as const;
  world.telegram.inject(refusal, { method: "sendMessage" });
  cats.says("/help");
  await seesPart(forum.everywhere, "language model");
  expect(outside(forum)[0]?.text.startsWith(words.topicGone)).toBe(true);
});

test.concurrent("a busy sign that the topic refuses is shown in the chat, and the answer comes all the same", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  const refusal = {
    kind: "refuse",
    code: 400,
    description: "Bad Request: message thread not found",
  } as const;
  world.telegram.inject(refusal, { method: "sendChatAction" });
  world.model.hold(0);
  cats.says("Hello");
  await world.telegram.until(() =>
    world.telegram.callsOf("sendChatAction").some(({ status }) => status === 200),
  );
  world.model.release();
  await seesPart(cats, "Hello");
  const typed = world.telegram.callsOf("sendChatAction").map(({ payload }) => payload.message_thread_id);
  expect(typed.slice(0, 2)).toEqual([cats.topic, undefined]);
});

test.concurrent("an answer that somebody deletes in a topic ends quietly", async () => {
  await using world = await startWorld(telegramOnly);
  const forum = startForum(world);
  const cats = forum.opens("Cats");
  world.model.answerWith(({ number }) => (number === 1 ? numberedText(60) : "Fine."));
  world.model.hold(20);
  cats.says("Hello");
  await seesPart(cats, "word20");
  await world.hasRecorded(1);
  for (const message of cats.messages()) world.telegram.deletes(message);
  world.model.release();
  await world.turnsAreOver();
  expect(forum.everywhere.answers()).toEqual([]);
  cats.says("And now?");
  await sees(cats, "Fine.");
});

test.concurrent("in a plain group a chain of replies is no topic", async () => {
  await using world = await startWorld(telegramOnly);
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const group = world.telegram.createGroup({ title: "Friends", members: [ada] });
  const person = new TelegramPerson(world.telegram, ada, group);
  person.says("one");
  await seesPart(person, "one");
  world.telegram.says(ada, group, "two", { mentionBot: true, threadId: 1, replyChain: true });
  await seesPart(person, "two");
  expect(contents(world, 1)).toContain("Ada: one");
  expect(world.telegram.calls.every(({ payload }) => payload.message_thread_id === undefined)).toBe(true);
});
