/** The simulated Telegram's places have the real one's rules: topics, upgraded groups, channels' posts. */

import { Api } from "grammy";
import { expect, onTestFinished, test } from "vitest";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";

async function start() {
  const telegram = await startTelegramSimulator({ canReadAllGroupMessages: true, flood: "off" });
  onTestFinished(() => telegram[Symbol.asyncDispose]());
  const ada = telegram.createUser({ firstName: "Ada" });
  return { telegram, ada, api: new Api(telegram.token, { apiRoot: telegram.url }) };
}

test("a topic takes messages until it is gone, with all that was said there", async () => {
  const { telegram, ada, api } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = telegram.places.createTopic(forum, ada, "Cats");
  const posted = await api.sendMessage(forum.id, "purr", { message_thread_id: threadId });
  expect(posted).toMatchObject({ message_thread_id: threadId, is_topic_message: true });
  telegram.places.losesTopic(forum, threadId);
  const description = "Bad Request: message thread not found";
  const again = api.sendMessage(forum.id, "purr", { message_thread_id: threadId });
  await expect(again).rejects.toMatchObject({ description });
  await expect(api.editMessageText(forum.id, posted.message_id, "meow")).rejects.toMatchObject({
    description: "Bad Request: message to edit not found",
  });
  await expect(api.sendMessage(forum.id, "hi", { message_thread_id: 1 })).rejects.toMatchObject({
    description,
  });
  expect(telegram.visible(forum).filter((message) => message.threadId === threadId)).toEqual([]);
});

test("a topic that only bots cannot reach keeps its messages, and they can be edited", async () => {
  const { telegram, ada, api } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = telegram.places.createTopic(forum, ada, "Cats");
  const { message_id } = await api.sendMessage(forum.id, "purr", { message_thread_id: threadId });
  telegram.places.losesTopic(forum, threadId, "kept");
  await api.editMessageText(forum.id, message_id, "meow");
  expect(telegram.visible(forum).at(-1)).toMatchObject({ text: "meow", threadId });
});

test("in a forum's topic a message that answers nothing answers the notice of its creation", async () => {
  const { telegram, ada, api } = await start();
  const forum = telegram.createGroup({ title: "Forum", members: [ada], isForum: true });
  const threadId = telegram.places.createTopic(forum, ada, "Cats");
  telegram.says(ada, forum, "hello", { threadId });
  const updates = await api.getUpdates();
  expect(updates.at(-1)?.message?.reply_to_message).toMatchObject({
    message_id: threadId,
    forum_topic_created: { name: "Cats" },
  });
});

test("where there are no topics, the id of one says nothing", async () => {
  const { telegram, ada, api } = await start();
  const group = telegram.createGroup({ title: "Engines", members: [ada] });
  expect(await api.sendMessage(group.id, "hi", { message_thread_id: 7 })).not.toHaveProperty(
    "message_thread_id",
  );
});

test("a group that became a supergroup takes edits only, and says where it is now", async () => {
  const { telegram, ada, api } = await start();
  const group = telegram.createGroup({ title: "Engines", members: [ada], type: "group" });
  const { message_id } = await api.sendMessage(group.id, "hi");
  const supergroup = telegram.places.upgrade(group, ada);
  expect(group.id).toBeGreaterThan(-1_000_000_000_000);
  expect(supergroup.id).toBeLessThan(-1_000_000_000_000);
  const refused = {
    error_code: 400,
    description: "Bad Request: group chat was upgraded to a supergroup chat",
    parameters: { migrate_to_chat_id: supergroup.id },
  };
  await expect(api.sendMessage(group.id, "hi")).rejects.toMatchObject(refused);
  await expect(api.sendChatAction(group.id, "typing")).rejects.toMatchObject(refused);
  await expect(api.deleteMessage(group.id, message_id)).rejects.toMatchObject(refused);
  await api.editMessageText(group.id, message_id, "hello");
  expect(await api.sendMessage(supergroup.id, "hi")).toMatchObject({ message_id: 2 });
  const updates = await api.getUpdates();
  expect(updates.map(({ message }) => message)).toMatchObject([
    { chat: { id: group.id, type: "group" }, migrate_to_chat_id: supergroup.id },
    { chat: { id: supergroup.id, type: "supergroup" }, message_id: 1, migrate_from_chat_id: group.id },
  ]);
});

test("a channel's post arrives in its discussion group, and a comment answers it", async () => {
  const { telegram, ada, api } = await start();
  const group = telegram.createGroup({ title: "Talk", members: [ada] });
  const channel = telegram.places.createChannel("News");
  const post = telegram.places.forwardsPost(channel, group, "It is late.");
  telegram.says(ada, group, "why?", { replyTo: post, threadId: post.id, replyChain: true });
  telegram.says(ada, group, "because", { as: channel });
  telegram.says(ada, group, "quiet!", { as: group });
  const updates = await api.getUpdates();
  expect(updates.map(({ message }) => message)).toMatchObject([
    { from: { id: 777_000 }, sender_chat: { id: channel.id, type: "channel" }, is_automatic_forward: true },
    { from: { id: ada.id }, message_thread_id: post.id, reply_to_message: { text: "It is late." } },
    { from: { username: "Channel_Bot" }, sender_chat: { id: channel.id, title: "News" } },
    { from: { username: "GroupAnonymousBot" }, sender_chat: { id: group.id, title: "Talk" } },
  ]);
});
