/** The poll loop against everything that may go wrong around it. */

import { expect, test } from "vitest";
import { listedCommands } from "../../src/core/commands/declarations.ts";
import { known } from "../world/known.ts";
import { startTelegramWorld } from "./telegram-world.ts";

test("a message is confirmed to Telegram only after it is written", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const pendingAtWrite: number[] = [];
  inbox.beforeWrite = () => pendingAtWrite.push(telegram.pendingUpdates.length);
  await world.poller();
  telegram.says(ada, chat, "Hello");
  await telegram.until(() => inbox.texts.length === 1 && telegram.pendingUpdates.length === 0);
  expect(inbox.texts).toEqual(["Hello"]);
  expect(pendingAtWrite).toEqual([1]);
});

test("writes that fail ten times lose nothing, skip nothing, keep the order and are said once", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  let failures = 10;
  inbox.beforeWrite = () => {
    failures -= 1;
    if (failures >= 0) throw new Error("Redis does not answer");
  };
  await world.poller();
  for (let i = 0; i < 250; i += 1) telegram.says(ada, chat, `message ${i}`);
  await inbox.until(() => inbox.texts.length === 250);
  expect(inbox.texts).toEqual(Array.from({ length: 250 }, (_, i) => `message ${i}`));
  expect(world.log.filter((line) => line.includes("deliver them again"))).toHaveLength(1);
});

test("what a process received but could not write, the next one receives", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  inbox.beforeWrite = () => {
    throw new Error("Redis is away");
  };
  const first = await world.poller();
  telegram.says(ada, chat, "one");
  telegram.says(ada, chat, "two");
  await inbox.until(() => inbox.batches.length > 0);
  await first.stop();
  expect(inbox.texts).toEqual([]);
  inbox.beforeWrite = () => undefined;
  await world.poller();
  await inbox.until(() => inbox.texts.length === 2);
  expect(inbox.texts).toEqual(["one", "two"]);
});

test("stopping ends a waiting poll at once and leaves nothing to be delivered again", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const poller = await world.poller();
  const written = Promise.withResolvers<void>();
  inbox.beforeWrite = () => written.resolve();
  await telegram.until(() => telegram.polled);
  telegram.says(ada, chat, "last words");
  await written.promise;
  await poller.stop();
  await telegram.until(() => !telegram.polled);
  expect(telegram.pendingUpdates).toEqual([]);
  expect(inbox.leases).toEqual([]);
  const begun = telegram.calls.length;
  telegram.says(ada, chat, "nobody listens");
  expect(telegram.calls.length).toBe(begun);
});

test("a message delivered five times arrives under one id", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  await world.poller();
  telegram.redeliver(telegram.says(ada, chat, "again"), 5);
  telegram.says(ada, chat, "done");
  await inbox.until(() => inbox.texts.includes("done"));
  expect(inbox.texts).toEqual(["again", "done"]);
});

test("a poll that Telegram never ends is given up and polling goes on", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  telegram.inject({ kind: "hang" }, { method: "getUpdates", times: 2 });
  await world.poller({ pollMs: 500, pollDeafMs: 100 });
  telegram.says(ada, chat, "anybody there?");
  await inbox.until(() => inbox.texts.length === 1);
  expect(world.log.filter((line) => line.includes("no poll came back"))).toHaveLength(2);
});

test("two processes never poll at once, and the second takes over when the first ends", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const first = await world.poller();
  await telegram.until(() => telegram.polled);
  const second = await world.poller();
  await telegram.until(() => telegram.callsOf("getMe").filter(({ status }) => status === 200).length === 2);
  telegram.says(ada, chat, "to the first");
  await inbox.until(() => inbox.texts.length === 1);
  await first.stop();
  expect(second.notReady()).toBeUndefined();
  telegram.says(ada, chat, "to the second");
  await inbox.until(() => inbox.texts.length === 2);
  expect(inbox.texts).toEqual(["to the first", "to the second"]);
  expect(telegram.calls.filter(({ status }) => status === 409)).toEqual([]);
  expect(telegram.calls.filter(({ method }) => method === "getMe")).toHaveLength(2);
});

test("a process that lost its lease stops polling until it holds it again", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  await world.poller();
  await telegram.until(() => telegram.polled);
  inbox.loseLease("telegram-poll:8000000001");
  await telegram.until(() => !telegram.polled);
  await telegram.until(() => telegram.polled);
  telegram.says(ada, chat, "back");
  await inbox.until(() => inbox.texts.length === 1);
});

test("another program that polls with the token is named, and outlasted", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const conflict = "Conflict: terminated by other getUpdates request";
  telegram.inject({ kind: "refuse", code: 409, description: conflict }, { method: "getUpdates", times: 3 });
  const poller = await world.poller();
  const seen = await telegram.until(() => poller.notReady()?.includes("Another program"));
  telegram.says(ada, chat, "hello");
  await inbox.until(() => inbox.texts.length === 1);
  expect(seen).toBe(true);
  expect(poller.notReady()).toBeUndefined();
});

test("a webhook that keeps polling from working is removed, and the log says so", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  telegram.setWebhook("https://example.org/hook");
  await world.poller();
  telegram.says(ada, chat, "hello");
  await inbox.until(() => inbox.texts.length === 1);
  expect(telegram.callsOf("deleteWebhook")).toHaveLength(1);
  expect(world.log.filter((line) => line.includes("webhook"))).not.toEqual([]);
});

test("updates of unknown and broken shape stop nothing", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const poison: readonly unknown[] = [
    null,
    7,
    "text",
    [],
    {},
    { message_id: "x" },
    { message_id: 1, date: 1, chat: {} },
    { message_id: 1, date: 1, chat: { id: 1, type: "private" }, entities: [{ type: 1 }] },
    { message_id: 1, date: 1, chat: { id: 1, type: "private" }, from: { id: "?" }, text: "x" },
  ];
  for (let i = 0; i < 300; i += 1) {
    telegram.deliver({ message: poison[i % poison.length] });
    telegram.deliver({ from_the_future: { i } });
    if (i % 3 === 0) telegram.says(ada, chat, `good ${i}`);
  }
  await world.poller();
  await inbox.until(() => inbox.texts.length === 100);
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  expect(inbox.accepted).toHaveLength(100);
  expect(world.log.filter((line) => line.includes("set aside"))).toHaveLength(300);
});

test("a bot whose name cannot be asked for at first answers later, and says until then that it is not ready", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  telegram.inject({ kind: "status", status: 502 }, { method: "getMe", times: 3 });
  telegram.inject({ kind: "reset" }, { method: "getMe", times: 3 });
  const poller = await world.poller();
  const before = poller.notReady();
  telegram.says(ada, chat, "hello");
  await inbox.until(() => inbox.texts.length === 1);
  expect(before).toMatch(/not answered/);
  expect(poller.notReady()).toBeUndefined();
  expect(telegram.callsOf("getMe")).toHaveLength(7);
});

test("a refused token is named by its setting and never shown", async () => {
  await using world = await startTelegramWorld();
  const wrong = "8000000001:AAF-wrong_wrong_wrong_wrong_wrong_0";
  const poller = await world.poller({}, wrong);
  await world.logged("polling failed", 2);
  expect(poller.notReady()).toContain("TELEGRAM_BOT_TOKEN");
  expect(world.everythingShown(poller)).not.toContain("wrong_wrong");
});

test("flood control on polling is waited out for as long as it asks", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  telegram.inject({ kind: "limit", retryAfterS: 0.05 }, { method: "getUpdates" });
  await world.poller();
  telegram.says(ada, chat, "hello");
  await inbox.until(() => inbox.texts.length === 1);
  const [refused, next] = telegram.callsOf("getUpdates");
  expect(known(next).monotonicMs - known(refused).monotonicMs).toBeGreaterThanOrEqual(49);
});

test("the menus of commands are set once, and not when they are so already", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  telegram.inject({ kind: "status", status: 500 }, { method: "setMyCommands" });
  const first = await world.poller();
  await telegram.until(
    () => telegram.callsOf("setMyCommands").filter(({ status }) => status === 200).length === 2,
  );
  await first.stop();
  await world.poller();
  await telegram.until(() => telegram.callsOf("getMyCommands")[4]?.status === 200 && telegram.polled);
  telegram.says(ada, chat, "one round trip later");
  await inbox.until(() => inbox.texts.length === 1);
  expect(telegram.callsOf("setMyCommands").map(({ status }) => status)).toEqual([500, 200, 200]);
  expect(telegram.callsOf("setMyCommands")[1]?.payload.commands).toEqual(
    listedCommands.map(({ name: command, description }) => ({ command, description })),
  );
});

test("everybody, groups' admins and the bot's own admins are each offered their commands", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, log } = world;
  // Somebody who has never written to the bot has no private chat with it.
  await world.poller({}, undefined, async () => [String(chat.id), "999"]);
  await telegram.until(
    () => telegram.callsOf("setMyCommands").filter(({ status }) => status !== undefined).length === 4,
  );
  const offered = telegram.callsOf("setMyCommands").map(({ payload, status }) => ({
    scope: payload.scope,
    status,
    names: (payload.commands as { readonly command: string }[]).map(({ command }) => command),
  }));
  const everybody = listedCommands.map(({ name }) => name);
  expect(offered).toEqual([
    { scope: { type: "default" }, status: 200, names: everybody },
    { scope: { type: "all_chat_administrators" }, status: 200, names: [...everybody, "audit", "undo"] },
    {
      scope: { type: "chat", chat_id: ada.id },
      status: 200,
      names: expect.arrayContaining(["audit", "allow", "admins"]),
    },
    { scope: { type: "chat", chat_id: 999 }, status: 400, names: expect.any(Array) },
  ]);
  await world.logged("left as it is");
  expect(log.join()).not.toContain("tried again");
});

test("every picture of an album is in the inbox, marked with its album", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  await world.poller();
  telegram.sendsAlbum(ada, chat, ["photo", "video", "photo"], { caption: "my cats" });
  telegram.says(ada, chat, "that was it");
  await inbox.until(() => inbox.texts.includes("that was it"));
  expect(inbox.texts).toEqual(["my cats", "", "", "that was it"]);
  const albums = inbox.messages.map(({ part }) => (part?.kind === "album" ? part.key : undefined));
  expect(albums).toEqual([albums[0], albums[0], albums[0], undefined]);
  expect(albums[0]).not.toBe(undefined);
});
