/** The simulated Telegram has the real one's rules. */

import { Api } from "grammy";
import { expect, onTestFinished, test } from "vitest";
import { startTelegramSimulator, type TelegramSimulatorOptions } from "../../simulator/telegram/index.ts";

async function start(options: TelegramSimulatorOptions = {}) {
  const telegram = await startTelegramSimulator(options);
  onTestFinished(() => telegram[Symbol.asyncDispose]());
  const ada = telegram.createUser({ firstName: "Ada" });
  const chat = telegram.createPrivateChat(ada);
  return { telegram, ada, chat, api: new Api(telegram.token, { apiRoot: telegram.url }) };
}

test("4,096 characters pass and one more does not, however many units they have", async () => {
  const { api, chat } = await start();
  await api.sendMessage(chat.id, "🦄".repeat(4_096));
  await expect(api.sendMessage(chat.id, "🦄".repeat(4_097))).rejects.toMatchObject({
    description: "Bad Request: message is too long",
  });
});

test("markup does not count, and broken markup is refused", async () => {
  const { api, chat } = await start();
  await api.sendMessage(chat.id, `<b>${"x".repeat(4_090)}</b>`, { parse_mode: "HTML" });
  await expect(api.sendMessage(chat.id, "<x>", { parse_mode: "HTML" })).rejects.toMatchObject({
    description: `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 0`,
  });
  await expect(api.sendMessage(chat.id, "Hi.", { parse_mode: "MarkdownV2" })).rejects.toMatchObject({
    description: expect.stringContaining("Character '.' is reserved"),
  });
});

test.each([
  [1, 1, "entity begins in a middle of a UTF-16 symbol at byte offset 3"],
  [0, 1, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 3"],
  [0, 9, "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9"],
])("an entity at %d of length %d is refused", async (offset, length, description) => {
  const { api, chat } = await start();
  const entities = [{ type: "bold" as const, offset, length }];
  await expect(api.sendMessage(chat.id, "🦄", { entities })).rejects.toMatchObject({
    description: `Bad Request: ${description}`,
  });
});

test("wrong nesting is mended in silence and noted", async () => {
  const { telegram, api, chat } = await start();
  const entities = [
    { type: "code" as const, offset: 0, length: 5 },
    { type: "bold" as const, offset: 1, length: 2 },
  ];
  await api.sendMessage(chat.id, "hello", { entities });
  expect(telegram.visible(chat)).toMatchObject([{ entities: [{ type: "code" }] }]);
  expect(telegram.problems).toEqual(["forbidden nesting: bold in code at UTF-16 offset 1"]);
});

test("flood control says how long to wait, in the answer and in the header, and means it", async () => {
  const { telegram, chat } = await start({
    flood: {
      privateChat: { intervalMs: 60_000, burst: 2 },
      group: { intervalMs: 1, burst: 1 },
      global: { intervalMs: 1, burst: 100 },
    },
  });
  const send = async () =>
    await fetch(`${telegram.url}/bot${telegram.token}/sendMessage?chat_id=${chat.id}&text=hi`);
  expect([(await send()).status, (await send()).status]).toEqual([200, 200]);
  const refused = await send();
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(await refused.json()).toMatchObject({ error_code: 429, parameters: { retry_after: 60 } });
  expect((await send()).status).toBe(429);
});

test("the second of two polls ends the first", async () => {
  const { telegram, ada, chat, api } = await start();
  const firstPoll = expect(api.getUpdates({ timeout: 30 })).rejects.toMatchObject({ error_code: 409 });
  await telegram.until(() => telegram.polled);
  const second = api.getUpdates({ timeout: 30 });
  await firstPoll;
  telegram.says(ada, chat, "hi");
  expect(await second).toHaveLength(1);
});

test("an update comes again until a higher offset confirms it", async () => {
  const { telegram, ada, chat, api } = await start();
  telegram.says(ada, chat, "hi");
  const [update] = await api.getUpdates();
  expect(await api.getUpdates()).toEqual([update]);
  expect(await api.getUpdates({ offset: (update?.update_id ?? 0) + 1 })).toEqual([]);
  expect(telegram.pendingUpdates).toEqual([]);
});

test("a bot in privacy mode gets what is addressed to it, and no more", async () => {
  const { telegram, ada, api, chat } = await start();
  const group = telegram.createGroup({ title: "Engines", members: [ada] });
  for (const text of ["lunch?", "/help", "/help@other_bot", "@parley_bot hi"])
    telegram.says(ada, group, text);
  const { message_id } = await api.sendMessage(group.id, "hello");
  telegram.says(ada, group, "thanks", { replyTo: message_id });
  telegram.says(ada, chat, "in private");
  const updates = await api.getUpdates();
  expect(updates.map(({ message }) => message?.text)).toEqual([
    "/help",
    "@parley_bot hi",
    "thanks",
    "in private",
  ]);
});

test("a long paste arrives in pieces, as clients send it", async () => {
  const { telegram, ada, chat } = await start();
  telegram.says(ada, chat, "x".repeat(9_000));
  expect(telegram.visible(chat).map(({ text }) => text.length)).toEqual([4_096, 4_096, 808]);
});

test("a late edit lands though its caller gave up", async () => {
  const { telegram, chat, api } = await start();
  await api.sendMessage(chat.id, "first");
  const late = Promise.withResolvers<void>();
  const fault = telegram.inject({ kind: "hold", until: late.promise }, { method: "editMessageText" });
  const cancel = new AbortController();
  const edit = expect(
    api.editMessageText(chat.id, 1, "late", {}, cancel.signal as never),
  ).rejects.toMatchObject({ name: "HttpError" });
  await fault.happened;
  cancel.abort();
  await edit;
  await api.editMessageText(chat.id, 1, "final");
  late.resolve();
  await telegram.until(() => telegram.visible(chat)[0]?.text === "late");
  expect(telegram.history({ chatId: chat.id, id: 1 }).map(({ text }) => text)).toEqual([
    "first",
    "final",
    "late",
  ]);
});

test("a restored simulator goes on where the old one ended", async () => {
  const { telegram, ada, chat, api } = await start();
  await api.sendMessage(chat.id, "before");
  telegram.says(ada, chat, "unread");
  const saved = JSON.parse(JSON.stringify(telegram.snapshot()));
  const { telegram: next, api: nextApi } = await start({ snapshot: saved });
  expect(next.visible(chat)).toEqual(telegram.visible(chat));
  next.says(ada, chat, "after");
  const updates = await nextApi.getUpdates();
  expect(updates.map(({ message }) => [message?.message_id, message?.text])).toEqual([
    [2, "unread"],
    [3, "after"],
  ]);
});

test("a bot that is blocked or kicked cannot write, and is told of it", async () => {
  const { telegram, ada, chat, api } = await start();
  const group = telegram.createGroup({ title: "Engines", members: [ada] });
  telegram.block(ada);
  telegram.kick(group, ada);
  await expect(api.sendMessage(chat.id, "hi")).rejects.toMatchObject({
    description: "Forbidden: bot was blocked by the user",
  });
  await expect(api.sendMessage(group.id, "hi")).rejects.toMatchObject({
    description: "Forbidden: bot was kicked from the supergroup chat",
  });
  expect(
    (await api.getUpdates()).map(({ my_chat_member }) => my_chat_member?.new_chat_member.status),
  ).toEqual(["kicked", "kicked"]);
});

test("a press is answered once and in time, and a button carries 64 bytes", async () => {
  await using telegram = await startTelegramSimulator({ flood: "off" });
  const ada = telegram.createUser({ firstName: "Ada" });
  const chat = telegram.createPrivateChat(ada);
  const call = async (method: string, payload: object) => {
    const response = await fetch(`${telegram.url}/bot${telegram.token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify(payload),
    });
    return ((await response.json()) as { readonly description?: string }).description;
  };
  const keyboard = (callback_data: string) => ({
    chat_id: chat.id,
    text: "Choose",
    reply_markup: { inline_keyboard: [[{ text: "One", callback_data }]] },
  });
  expect(await call("sendMessage", keyboard("x".repeat(65)))).toBe("Bad Request: BUTTON_DATA_INVALID");
  expect(await call("sendMessage", keyboard("x".repeat(64)))).toBeUndefined();
  const [message] = telegram.visible(chat);
  if (message === undefined) throw new Error("Nothing was sent");
  const answer = (callback_query_id: string) =>
    call("answerCallbackQuery", { callback_query_id, text: "Hi" });
  const press = () => telegram.press(ada, message, "x".repeat(64));
  const tooOld = "Bad Request: query is too old and response timeout expired or query ID is invalid";
  const first = press();
  expect(await answer(first)).toBeUndefined();
  expect(await answer(first)).toBe(tooOld);
  const late = press();
  telegram.presses.expire();
  expect(await answer(late)).toBe(tooOld);
  expect(telegram.presses.answers.map(({ text, isAlert }) => [text, isAlert])).toEqual([["Hi", false]]);
  await call("editMessageText", { chat_id: chat.id, message_id: message.id, text: "Chosen" });
  expect(telegram.visible(chat).at(-1)?.buttons).toBeUndefined();
});
