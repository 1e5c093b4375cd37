/** Pages on their way into a chat: what Telegram gets, and what each of its failures is taken for. */

import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Fault } from "../../simulator/telegram/faults.ts";
import type { TelegramSimulator } from "../../simulator/telegram/index.ts";
import type { SimChat } from "../../simulator/telegram/state.ts";
import { type Connection, createConnection } from "../../src/adapters/telegram/connection.ts";
import { createLimits } from "../../src/adapters/telegram/limits.ts";
import { RichMessages } from "../../src/adapters/telegram/rich.ts";
import { attach, edit, post, remove, type Sending, showTyping } from "../../src/adapters/telegram/send.ts";
import type { CallOutcome } from "../../src/core/platform/call-outcome.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { startTelegramWorld } from "./telegram-world.ts";

const noEnd = new AbortController().signal;
const first = { index: 0, token: "t" };

function page(text: string, entities: readonly unknown[] = []): Page {
  return { fingerprint: text, plain: text, body: { text, entities } };
}

function targetOf(chat: SimChat, question = "1"): ReplyTarget {
  return {
    address: { platform: "telegram", scope: "8000000001", chat: String(chat.id) },
    place: chat.type === "private" ? "private" : "group",
    question,
  };
}

function connect(telegram: TelegramSimulator, longestCallMs = 2_000, keepAliveMs = 4_000): Connection {
  const connection = createConnection({
    token: telegram.token,
    apiRoot: telegram.url,
    longestCallMs,
    keepAliveMs,
    connectMs: 1_000,
  });
  onTestFinished(() => connection[Symbol.dispose]());
  return connection;
}

function classic(connection: Connection): Sending {
  return { connection, rich: new RichMessages(false) };
}

async function startChat() {
  const world = await startTelegramWorld();
  onTestFinished(() => world[Symbol.asyncDispose]());
  const { telegram, chat } = world;
  return { world, telegram, chat, target: targetOf(chat), connection: connect(telegram) };
}

test("a page goes out as text with entities and no link preview, on the post and on the edit", async () => {
  const { telegram, chat, target, connection } = await startChat();
  const bold = { type: "bold", offset: 0, length: 2 };
  const posted = await post(classic(connection), target, page("Hi you", [bold]), first, noEnd);
  expect(posted).toEqual({ kind: "done", value: "1" });
  expect(await edit(classic(connection), target, "1", page("Hi you, too", [bold]), noEnd)).toEqual({
    kind: "done",
  });
  expect(telegram.visible(chat)).toMatchObject([{ text: "Hi you, too", entities: [bold], edits: 1 }]);
  expect(telegram.calls.map(({ payload }) => payload.link_preview_options)).toEqual([
    { is_disabled: true },
    { is_disabled: true },
  ]);
  expect(telegram.calls.every(({ payload }) => !("parse_mode" in payload))).toBe(true);
});

test("a page without a body of ours goes out as plain text", async () => {
  const { telegram, chat, target, connection } = await startChat();
  await post(
    classic(connection),
    target,
    { fingerprint: "1", plain: "plain *text*", body: null },
    first,
    noEnd,
  );
  expect(telegram.visible(chat)).toMatchObject([{ text: "plain *text*", entities: [] }]);
});

test("in a group the first page replies to the question and later ones are silent", async () => {
  const { world, telegram, connection } = await startChat();
  const group = telegram.createGroup({ title: "Engines", members: [world.ada] });
  const question = telegram.says(world.ada, group, "why?", { mentionBot: true });
  const target = targetOf(group, String(question.id));
  await post(classic(connection), target, page("because"), first, noEnd);
  await post(classic(connection), target, page("of this"), { index: 1, token: "t" }, noEnd);
  telegram.deletes(question);
  await post(classic(connection), target, page("still answered"), first, noEnd);
  expect(telegram.visible(group).map(({ text, replyTo, silent }) => ({ text, replyTo, silent }))).toEqual([
    { text: "because", replyTo: question.id, silent: false },
    { text: "of this", replyTo: undefined, silent: true },
    { text: "still answered", replyTo: undefined, silent: false },
  ]);
});

test("the rest of a long answer arrives as a file", async () => {
  const { telegram, chat, target, connection } = await startChat();
  const outcome = await attach(connection, target, { name: "answer.md", text: "# Größe\n" }, noEnd);
  expect(outcome.kind).toBe("done");
  expect(telegram.visible(chat)).toMatchObject([
    { silent: true, document: { fileName: "answer.md", text: "# Größe\n" } },
  ]);
});

test("typing shows in the chat", async () => {
  const { telegram, chat, target, connection } = await startChat();
  const seen: unknown[] = [];
  telegram.onChange((change) => change.kind === "typing" && seen.push(change));
  expect(await showTyping(connection, target, noEnd)).toEqual({ kind: "done" });
  expect(seen).toMatchObject([{ chatId: chat.id, action: "typing" }]);
});

const refuse = (code: number, description: string): Fault => ({ kind: "refuse", code, description });
const faults: readonly (readonly [string, Fault, CallOutcome<unknown>["kind"]])[] = [
  ["flood control", { kind: "limit", retryAfterS: 7 }, "limited"],
  ["a reset", { kind: "reset" }, "unknown"],
  ["a reset after it was applied", { kind: "apply-then-reset" }, "unknown"],
  ["a gateway's 502", { kind: "status", status: 502 }, "unknown"],
  ["a gateway's 502 after it was applied", { kind: "apply-then-status", status: 502 }, "unknown"],
  ["silence", { kind: "hang" }, "unknown"],
  ["silence after it was applied", { kind: "apply-then-hang" }, "unknown"],
  ["an internal error", refuse(500, "Internal Server Error"), "unknown"],
  ["a blocked bot", refuse(403, "Forbidden: bot was blocked by the user"), "closed"],
  ["a kicked bot", refuse(403, "Forbidden: bot was kicked from the supergroup chat"), "closed"],
  ["a lost chat", refuse(400, "Bad Request: chat not found"), "closed"],
  [
    "missing rights",
    refuse(400, "Bad Request: not enough rights to send text messages to the chat"),
    "closed",
  ],
  [
    "a topic's refusal where there is no topic",
    refuse(400, "Bad Request: message thread not found"),
    "closed",
  ],
  ["a moved group", refuse(400, "Bad Request: group chat was upgraded to a supergroup chat"), "closed"],
  ["too much text", refuse(400, "Bad Request: message is too long"), "unformattable"],
  ["bad markup", refuse(400, "Bad Request: can't parse entities: Unmatched end tag"), "unformattable"],
  ["a bad entity", refuse(400, "Bad Request: ENTITY_TEXTURL_INVALID"), "unformattable"],
  ["a refused token", refuse(401, "Unauthorized"), "broken"],
  ["something new", refuse(400, "Bad Request: the moon is in the wrong phase"), "unformattable"],
  ["a conflict", refuse(409, "Conflict"), "unapplied"],
];

test.each(faults)("%s is taken for what it is, with one call and no retry", async (_what, fault, kind) => {
  const { world, telegram, target } = await startChat();
  const connection = connect(telegram, 150);
  const secretText = "what Ada asked in confidence";
  for (const method of ["sendMessage", "editMessageText"]) telegram.inject(fault, { method });
  const posted = await post(classic(connection), target, page(secretText), first, noEnd);
  const edited = await edit(classic(connection), target, "1", page(secretText), noEnd);
  expect([posted.kind, edited.kind]).toEqual([kind, kind]);
  expect(telegram.calls).toHaveLength(2);
  const shown = world.everythingShown(posted, edited);
  expect(shown).not.toContain("canary");
  expect(shown).not.toContain("in confidence");
});

test("a message to edit that is gone is not there to edit, and counts as removed", async () => {
  const { telegram, chat, target, connection } = await startChat();
  await post(classic(connection), target, page("short-lived"), first, noEnd);
  telegram.deletes({ chatId: chat.id, id: 1 });
  expect(await edit(classic(connection), target, "1", page("too late"), noEnd)).toMatchObject({
    kind: "gone",
  });
  expect(await remove(connection, target, "1", noEnd)).toEqual({ kind: "done" });
});

test("an edit that changes nothing is done", async () => {
  const { telegram, chat, target, connection } = await startChat();
  await post(classic(connection), target, page("same"), first, noEnd);
  expect(await edit(classic(connection), target, "1", page("same"), noEnd)).toEqual({ kind: "done" });
  expect(telegram.visible(chat)).toMatchObject([{ text: "same", edits: 0 }]);
});

test("a removed page is gone from the chat", async () => {
  const { telegram, chat, target, connection } = await startChat();
  await post(classic(connection), target, page("one"), first, noEnd);
  expect(await remove(connection, target, "1", noEnd)).toEqual({ kind: "done" });
  expect(telegram.visible(chat)).toEqual([]);
});

test("a refusal by flood control names the chat's budget and the whole wait", async () => {
  const { telegram, chat, target, connection } = await startChat();
  telegram.inject({ kind: "limit", retryAfterS: 137 }, {});
  const outcome = await post(classic(connection), target, page("hi"), first, noEnd);
  expect(outcome).toMatchObject({
    kind: "limited",
    retryAfterMs: 137_000,
    budget: { key: `telegram:8000000001:chat:${chat.id}`, within: "telegram:8000000001" },
  });
  const rate = { intervalMs: 1_000, burst: 2, reserve: 0 };
  const limits = createLimits({ global: rate, chat: rate, group: rate });
  expect(limits.budgets(target, "post").map(({ key }) => key)).toContain(
    `telegram:8000000001:chat:${chat.id}`,
  );
});

test("a port that refuses and a name that is not found surely applied nothing", async () => {
  const { telegram, target } = await startChat();
  const { token } = telegram;
  await telegram[Symbol.asyncDispose]();
  for (const apiRoot of [telegram.url, "http://telegram.invalid"]) {
    const connection = createConnection({
      token,
      apiRoot,
      longestCallMs: 2_000,
      keepAliveMs: 4_000,
      connectMs: 1_000,
    });
    expect(await post(classic(connection), target, page("hi"), first, noEnd)).toMatchObject({
      kind: "unapplied",
    });
    connection[Symbol.dispose]();
  }
});

test("a connection that does not come about surely applied nothing", async () => {
  const { telegram, target } = await startChat();
  const silent = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const { port } = z.object({ port: z.number() }).parse(silent.address());
  const apiRoot = `https://127.0.0.1:${port}`;
  const times = { longestCallMs: 10_000, keepAliveMs: 4_000, connectMs: 50 };
  using connection = createConnection({ token: telegram.token, apiRoot, ...times });
  expect(await post(classic(connection), target, page("hi"), first, noEnd)).toMatchObject({
    kind: "unapplied",
  });
});

test("a call that is cancelled before it begins applied nothing, one that is cancelled on its way may have", async () => {
  const { telegram, chat, target, connection } = await startChat();
  const before = await post(classic(connection), target, page("hi"), first, AbortSignal.abort());
  expect(before).toMatchObject({ kind: "unapplied" });
  expect(telegram.calls).toEqual([]);
  const cancel = new AbortController();
  const hanging = telegram.inject({ kind: "apply-then-hang" }, {});
  const running = post(classic(connection), target, page("hi"), first, cancel.signal);
  await hanging.happened;
  await telegram.until(() => telegram.visible(chat).length === 1);
  cancel.abort();
  expect(await running).toMatchObject({ kind: "unknown" });
});

test("a call never rides on a socket that was idle for too long", async () => {
  const { telegram, target } = await startChat();
  const connection = connect(telegram, 2_000, 30);
  await post(classic(connection), target, page("one"), first, noEnd);
  await post(classic(connection), target, page("two"), first, noEnd);
  expect(telegram.connections).toBe(1);
  await telegram.until(() => telegram.openSockets === 0);
  await post(classic(connection), target, page("three"), first, noEnd);
  expect(telegram.connections).toBe(2);
  // A process that was frozen: the clocks moved on, the timer that drops the socket has not run yet.
  const frozenUntil = performance.now() + 40;
  while (performance.now() < frozenUntil);
  await post(classic(connection), target, page("four"), first, noEnd);
  expect(telegram.connections).toBe(3);
});
