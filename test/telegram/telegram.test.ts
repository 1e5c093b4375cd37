/** The whole adapter as the rest of the program holds it, against the simulator. */

import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createTelegram } from "../../src/adapters/telegram/index.ts";
import { createEvents } from "../../src/core/events.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { quick, startTelegramWorld, type TelegramWorld, tokenSecret } from "./telegram-world.ts";

const off = { intervalMs: 0, burst: 1, reserve: 0 };
const author = { id: "1", name: "Ada" };
const stopped = { markdown: "**Stopped.**", audience: "place", buttons: [] } as const;
const noEnd = new AbortController().signal;

async function start() {
  const world = await startTelegramWorld();
  onTestFinished(() => world[Symbol.asyncDispose]());
  const { telegram, inbox } = world;
  const options = {
    botToken: telegram.token,
    apiRoot: telegram.url,
    rates: { global: off, chat: off, group: off },
  };
  const adapter = createTelegram(options, inbox, createEvents(pino({ level: "silent" })), quick);
  onTestFinished(async () => {
    await adapter.intake.stop();
    adapter[Symbol.dispose]();
  });
  return { world, telegram, inbox, adapter, target: targetOf(world) };
}

function targetOf({ chat }: TelegramWorld): ReplyTarget {
  const address = { platform: "telegram", scope: "8000000001", chat: String(chat.id) };
  return { address, place: "private", question: "1" };
}

test("nothing is asked of Telegram before it is needed", async () => {
  const { telegram, adapter } = await start();
  await adapter.intake.stop();
  expect(telegram.connections).toBe(0);
});

test("a message comes in and its answer stands formatted in the chat", async () => {
  const { world, telegram, inbox, adapter, target } = await start();
  await adapter.intake.start();
  telegram.says(world.ada, world.chat, "Hello");
  await inbox.until(() => inbox.texts.length === 1);
  const [page] = adapter.platform
    .createRenderer()
    .render("Hello **Ada**, see [this](https://example.org)", "final");
  if (page === undefined) throw new Error("Nothing was rendered");
  const posted = await adapter.platform.post(target, page, { index: 0, token: "t" }, noEnd);
  expect(posted).toMatchObject({ kind: "done" });
  expect(telegram.visible(world.chat).at(-1)).toMatchObject({
    text: "Hello Ada, see this",
    entities: [{ type: "bold" }, { type: "text_link", url: "https://example.org/" }],
  });
  expect(telegram.problems).toEqual([]);
});

test("a command's answer is formatted, and plain where Telegram refuses the formatting", async () => {
  const { world, telegram, adapter, target } = await start();
  await adapter.responder.respond(target, { author }, stopped, noEnd);
  const description = "Bad Request: can't parse entities: no";
  telegram.inject({ kind: "refuse", code: 400, description }, { method: "sendMessage" });
  const outcome = await adapter.responder.respond(target, { author }, stopped, noEnd);
  expect(outcome).toMatchObject({ kind: "done" });
  expect(telegram.visible(world.chat)).toMatchObject([
    { text: "Stopped.", entities: [{ type: "bold" }] },
    { text: "Stopped.", entities: [] },
  ]);
});

test.each([199, 200])(
  "a window that ends within a sign of two halves is shown without it (%d)",
  async (length) => {
    const { world, telegram, adapter, target } = await start();
    const said = telegram.says(world.ada, world.chat, "Hello");
    const press = telegram.press(world.ada, said, "/model");
    const to = { author, button: { page: String(said.id), press, isPrivate: false } };
    const markdown = `${"x".repeat(length % 2)}${"😀".repeat(120)}`;
    const outcome = await adapter.responder.respond(
      target,
      to,
      { ...stopped, markdown, refused: true },
      noEnd,
    );
    expect(outcome).toMatchObject({ kind: "done" });
    expect(telegram.presses.answers[0]?.text).toMatch(/^x?(😀)+…$/u);
  },
);

test("who the bot is, is asked again after a failure and not after an answer", async () => {
  const { telegram, adapter } = await start();
  telegram.inject({ kind: "status", status: 503 }, { method: "getMe" });
  await expect(adapter.identity(noEnd)).rejects.toMatchObject({ name: "TelegramError", retry: "backoff" });
  expect(await adapter.identity(noEnd)).toMatchObject({ id: 8_000_000_001, username: "parley_bot" });
  await adapter.identity(noEnd);
  expect(telegram.callsOf("getMe")).toHaveLength(2);
});

test("the end of the busy sign and the search for a lost post need no call", async () => {
  const { telegram, adapter, target } = await start();
  expect(await adapter.platform.showBusy(target, false, noEnd)).toMatchObject({ kind: "done" });
  expect(await adapter.platform.findPost(target, "t", 0, noEnd)).toMatchObject({ kind: "done" });
  expect(adapter.platform.limits.canFindPosts).toBe(false);
  expect(telegram.calls).toEqual([]);
});

test("previews keep their distance, and what shows no text leaves the chat's budget alone", async () => {
  const { adapter, target } = await start();
  const { limits } = adapter.platform;
  expect(limits.previewIntervalMs(target, "edit")).toBe(1_100);
  expect(limits.previewIntervalMs({ ...target, place: "group" }, "edit")).toBe(3_100);
  const keys = (call: "post" | "status") => limits.budgets(target, call).map(({ key }) => key);
  expect(keys("status")).toEqual(keys("post"));
  expect(limits.budgets(target, "status")[0]).toMatchObject({ intervalMs: 0 });
});

test("a token of the wrong form is refused at once, and not shown", () => {
  const options = {
    botToken: `${tokenSecret}`,
    apiRoot: "http://127.0.0.1:1",
    rates: { global: off, chat: off, group: off },
  };
  const create = () => createTelegram(options, {} as never, {} as never, quick);
  expect(create).toThrow(/123456:ABC-DEF/);
  expect(create).not.toThrow(/canary/);
});
