/** Topics and groups that are there no more: what Telegram says of them, and where a reply is to go on. */

import { expect, onTestFinished, test } from "vitest";
import type { SimChat } from "../../simulator/telegram/state.ts";
import { createConnection } from "../../src/adapters/telegram/connection.ts";
import { RichMessages } from "../../src/adapters/telegram/rich.ts";
import { attach, edit, post, type Sending, showTyping } from "../../src/adapters/telegram/send.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { startTelegramWorld } from "./telegram-world.ts";

const noEnd = new AbortController().signal;
const first = { index: 0, token: "t" };

function page(text: string): Page {
  return { fingerprint: text, plain: text, body: { text, entities: [] } };
}

function targetOf(chat: SimChat, question = "1"): ReplyTarget {
  const address = { platform: "telegram", scope: "8000000001", chat: String(chat.id) };
  return { address, place: "group", question };
}

async function start() {
  const world = await startTelegramWorld();
  onTestFinished(() => world[Symbol.asyncDispose]());
  const { telegram, ada } = world;
  const connection = createConnection({
    token: telegram.token,
    apiRoot: telegram.url,
    longestCallMs: 2_000,
    keepAliveMs: 4_000,
    connectMs: 1_000,
  });
  onTestFinished(() => connection[Symbol.dispose]());
  const sending: Sending = { connection, rich: new RichMessages(false) };
  return { ada, telegram, connection, sending };
}

test("a topic's answer stays in the topic", async () => {
  const { ada, telegram, sending } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  telegram.says(ada, forum, "hi", { threadId: 77, mentionBot: true });
  const target = targetOf(forum);
  await post(
    sending,
    { ...target, address: { ...target.address, thread: "77" } },
    page("hello"),
    first,
    noEnd,
  );
  expect(telegram.visible(forum).at(-1)).toMatchObject({ text: "hello", threadId: 77 });
});

test("a topic that is gone refuses posts, files and edits of what was there, and names its chat", async () => {
  const { ada, telegram, connection, sending } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = telegram.places.createTopic(forum, ada, "Cats");
  const chat = targetOf(forum);
  const target = { ...chat, address: { ...chat.address, thread: String(threadId) } };
  const posted = await post(sending, target, page("hello"), first, noEnd);
  telegram.places.losesTopic(forum, threadId);
  const visible = telegram.visible(forum);
  const id = posted.kind === "done" ? posted.value : "";
  const outcomes = [
    await edit(sending, target, id, page("too late"), noEnd),
    await post(sending, target, page("too late"), first, noEnd),
    await attach(connection, target, { name: "answer.md", text: "too late" }, noEnd),
  ];
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ kind: "elsewhere", why: "vanished", address: chat.address });
  expect(telegram.visible(forum)).toEqual(visible);
});

test("a group that became a supergroup refuses what is new and says where it is now; its pages can be edited", async () => {
  const { ada, telegram, connection, sending } = await start();
  const group = telegram.createGroup({ title: "Friends", members: [ada], type: "group" });
  const question = telegram.says(ada, group, "why?", { mentionBot: true });
  const target = targetOf(group, `${group.id}/${question.id}`);
  const posted = await post(sending, target, page("because"), first, noEnd);
  expect(posted).toEqual({ kind: "done", value: `${group.id}/2` });
  const supergroup = telegram.places.upgrade(group, ada);
  const address = { ...target.address, chat: String(supergroup.id) };
  const elsewhere = { kind: "elsewhere", why: "moved", address };
  expect(await post(sending, target, page("more"), first, noEnd)).toMatchObject(elsewhere);
  expect(await showTyping(connection, target, noEnd)).toMatchObject(elsewhere);
  expect(await attach(connection, target, { name: "a.md", text: "more" }, noEnd)).toMatchObject(elsewhere);
  const moved = { ...target, address };
  expect(await edit(sending, moved, `${group.id}/2`, page("because so"), noEnd)).toEqual({ kind: "done" });
  expect(telegram.visible(group)[1]).toMatchObject({ text: "because so" });
  // The question's id is another message's by now.
  telegram.says(ada, supergroup, "two");
  expect(await post(sending, moved, page("more"), first, noEnd)).toEqual({ kind: "done", value: "3" });
  expect(telegram.visible(supergroup).at(-1)).toMatchObject({ text: "more" });
  expect(telegram.visible(supergroup).at(-1)).not.toHaveProperty("replyTo");
});

test("a page that cannot be edited any more has its topic looked for, and nothing is written there", async () => {
  const { ada, telegram, sending } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = telegram.places.createTopic(forum, ada, "Cats");
  const chat = targetOf(forum);
  const target = { ...chat, address: { ...chat.address, thread: String(threadId) } };
  const posted = await post(sending, target, page("hello"), first, noEnd);
  const id = posted.kind === "done" ? posted.value : "";
  const description = "Bad Request: message can't be edited";
  telegram.inject({ kind: "refuse", code: 400, description }, { method: "editMessageText" });
  expect(await edit(sending, target, id, page("too late"), noEnd)).toMatchObject({ kind: "gone" });
  const own = telegram.visible(forum).filter(({ from }) => from.isBot);
  expect(own.map(({ text }) => text)).toEqual(["hello"]);
});

test("a page that somebody deleted is gone, and its topic is not", async () => {
  const { ada, telegram, sending } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = telegram.places.createTopic(forum, ada, "Cats");
  const chat = targetOf(forum);
  const target = { ...chat, address: { ...chat.address, thread: String(threadId) } };
  const posted = await post(sending, target, page("hello"), first, noEnd);
  const id = posted.kind === "done" ? posted.value : "";
  telegram.deletes({ chatId: forum.id, id: Number(id) });
  expect(await edit(sending, target, id, page("too late"), noEnd)).toMatchObject({
    kind: "gone",
  });
  expect(telegram.visible(forum).map(({ text }) => text)).not.toContain("hello");
  expect(telegram.visible(forum).filter(({ from }) => from.isBot)).toEqual([]);
});
