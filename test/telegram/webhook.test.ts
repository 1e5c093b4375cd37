/** Delivery by webhook against everything that may go wrong around it. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { known } from "../world/known.ts";
import { startTelegramWorld, type TelegramWorld, webhookAddress } from "./telegram-world.ts";

const secretHeader = "x-telegram-bot-api-secret-token";

/** Somebody who knows where the gateway is posts what they like. */
async function post(origin: string, body: string | Uint8Array<ArrayBuffer>, secret?: string) {
  const headers = secret === undefined ? {} : { [secretHeader]: secret };
  return await fetch(`${origin}/telegram`, { method: "POST", body, headers });
}

/** Telegram knows the webhook. */
async function isSet({ telegram }: TelegramWorld): Promise<void> {
  await telegram.until(() => telegram.webhook.info().url === webhookAddress.url);
}

test("a gateway sets the webhook itself, with its secret and the kinds of updates that it reads", async () => {
  await using world = await startTelegramWorld();
  const { telegram } = world;
  const { webhook, isReady } = await world.gateway();
  const before = webhook.notReady();
  await isReady();
  await telegram.until(() => telegram.callsOf("setMyCommands").length > 0);
  expect(before).toMatch(/^Telegram has not answered yet\.$/);
  expect(telegram.callsOf("setWebhook").map(({ payload }) => payload)).toEqual([
    {
      url: webhookAddress.url,
      secret_token: webhookAddress.secret,
      allowed_updates: expect.arrayContaining(["message"]),
    },
  ]);
});

test("an update is answered 200 only after it is written", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const openAtWrite: (number | undefined)[] = [];
  inbox.beforeWrite = () => openAtWrite.push(telegram.webhook.deliveries.at(-1)?.status);
  await world.gateway();
  telegram.says(ada, chat, "Hello");
  await telegram.until(() => telegram.webhook.deliveries.at(-1)?.status === 200);
  expect(inbox.texts).toEqual(["Hello"]);
  expect(openAtWrite).toEqual([undefined]);
  expect(telegram.pendingUpdates).toEqual([]);
});

test("while nothing can be written Telegram is told when to come again, and then gets everything taken in order", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  let failures = 12;
  inbox.beforeWrite = () => {
    failures -= 1;
    if (failures >= 0) throw new Error("Redis does not answer");
  };
  await world.gateway();
  for (let i = 0; i < 30; i += 1) telegram.says(ada, chat, `message ${i}`);
  await inbox.until(() => inbox.texts.length === 30);
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  expect(inbox.texts).toEqual(Array.from({ length: 30 }, (_, i) => `message ${i}`));
  const refused = telegram.webhook.deliveries.filter(({ status }) => status === 503);
  expect(refused).toHaveLength(12);
  expect(new Set(refused.map(({ answerHeaders }) => answerHeaders?.["retry-after"]))).toEqual(new Set(["2"]));
  expect(new Set(refused.map(({ updateId }) => updateId)).size).toBe(1);
});

test("an answer that is lost on its way brings the update again, and its message arrives once", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  telegram.webhook.inject("answer-lost", 3);
  telegram.webhook.inject("not-reached", 2);
  await world.gateway();
  telegram.says(ada, chat, "once");
  await telegram.until(() => telegram.webhook.deliveries.at(-1)?.status === 200);
  expect(telegram.webhook.deliveries).toHaveLength(6);
  expect(inbox.texts).toEqual(["once"]);
});

test("who does not know the secret is refused and nothing of theirs is read", async () => {
  await using world = await startTelegramWorld();
  const { telegram, inbox } = world;
  const { origin } = await world.gateway();
  await isSet(world);
  const forged = JSON.stringify({ update_id: 1, message: { message_id: 1, date: 1, text: "let me in" } });
  const secrets = [undefined, "", "x", webhookAddress.secret.slice(1), `${webhookAddress.secret}x`, "é"];
  for (const secret of secrets) expect((await post(origin, forged, secret)).status).toBe(401);
  expect((await post(origin, "not even JSON", "x")).status).toBe(401);
  expect(inbox.batches).toEqual([]);
  expect(telegram.webhook.deliveries).toEqual([]);
  expect(world.everythingShown()).not.toMatch(/let me in|canary/);
});

test.for([
  ["garbage", "\u0000{]"],
  ["another's JSON", '{"event":"message","text":"hi"}'],
  ["a list", "[]"],
  ["a number", "7"],
  ["nothing", ""],
  ["an id that is none", '{"update_id":"1"}'],
  ["an id beyond all numbers", '{"update_id":1e400}'],
  ["a prototype", '{"__proto__":{"update_id":1}}'],
] as const)("%s with the right secret is refused as no update", async ([, body]) => {
  await using world = await startTelegramWorld();
  const { origin } = await world.gateway();
  await isSet(world);
  expect((await post(origin, body, webhookAddress.secret)).status).toBe(400);
  expect(world.inbox.batches).toEqual([]);
});

test("updates of unknown, broken and hostile shape are set aside and stop nothing", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const { origin } = await world.gateway();
  await isSet(world);
  const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  const hostile = [
    '{"update_id":1,"message":7}',
    '{"update_id":1,"message":{"message_id":"x"}}',
    '{"update_id":1,"from_the_future":{}}',
    `{"update_id":1,"message":${deep}}`,
    `{"update_id":1,"x":${deep}}`,
    '{"update_id":1,"message":{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}}',
    '{"update_id":1,"message":{"message_id":1e400,"date":1,"chat":{"id":1,"type":"private"}}}',
  ];
  for (const body of hostile) expect((await post(origin, body, webhookAddress.secret)).status).toBe(200);
  const odd = `{"update_id":2,"message":{"message_id":9,"message_id":10,"date":1,"chat":{"id":${chat.id},"type":"private","__proto__":{"type":"channel"}},"from":{"id":${ada.id},"first_name":"\\ud800"},"text":"half \\udc00"}}`;
  expect((await post(origin, odd, webhookAddress.secret)).status).toBe(200);
  telegram.says(ada, chat, "still there?");
  await inbox.until(() => inbox.texts.includes("still there?"));
  expect(inbox.messages[0]).toMatchObject({ nativeId: "10", text: "half \udc00", place: "private" });
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  expect(world.log.filter((line) => line.includes("set aside"))).toHaveLength(5);
});

test("of several gateways one sets the webhook; all of them take deliveries, and the next one sees to it", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const first = await world.gateway();
  await isSet(world);
  const others = [await world.gateway(), await world.gateway()];
  await Promise.all(others.map((other) => other.isReady()));
  for (let i = 0; i < 9; i += 1) telegram.says(ada, chat, `message ${i}`);
  await inbox.until(() => inbox.texts.length === 9);
  expect(telegram.callsOf("setWebhook")).toHaveLength(1);
  await first.stop();
  telegram.says(ada, chat, "to those who are left");
  await inbox.until(() => inbox.texts.length === 10);
  await telegram.until(() => telegram.callsOf("setWebhook").some(({ n, status }) => n > 1 && status === 200));
  expect(inbox.texts.at(-1)).toBe("to those who are left");
});

test("from polling to webhook: the poller that still runs is not disturbed, and nothing is lost", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const poller = await world.poller();
  await telegram.until(() => telegram.polled);
  const gateway = await world.gateway();
  await gateway.isReady();
  telegram.says(ada, chat, "polled");
  await inbox.until(() => inbox.texts.length === 1);
  expect(telegram.callsOf("setWebhook")).toEqual([]);
  await poller.stop();
  telegram.says(ada, chat, "delivered");
  await inbox.until(() => inbox.texts.length === 2);
  expect(telegram.callsOf("deleteWebhook")).toEqual([]);
  expect(telegram.webhook.deliveries).toHaveLength(1);
});

test("from webhook to polling: the new poller waits for its turn, removes the webhook and loses nothing", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  const gateway = await world.gateway();
  await isSet(world);
  const poller = await world.poller();
  while (poller.notReady() !== undefined) await sleep(5);
  telegram.says(ada, chat, "delivered");
  await inbox.until(() => inbox.texts.length === 1);
  telegram.webhook.inject("not-reached", 1_000);
  telegram.says(ada, chat, "pending");
  await telegram.until(() => telegram.webhook.deliveries.some(({ error }) => error !== undefined));
  await gateway.stop();
  await inbox.until(() => inbox.texts.length === 2);
  telegram.says(ada, chat, "polled");
  await inbox.until(() => inbox.texts.length === 3);
  expect(inbox.texts).toEqual(["delivered", "pending", "polled"]);
  expect(telegram.callsOf("deleteWebhook").map(({ payload }) => payload)).toEqual([{}]);
});

test("a webhook that somebody removed is set again, and another program's is left alone and reported", async () => {
  await using world = await startTelegramWorld({ secondMs: 1 });
  const { telegram, ada, chat, inbox } = world;
  const { webhook } = await world.gateway({ webhookLookMs: 30 });
  await isSet(world);
  telegram.setWebhook("");
  await isSet(world);
  telegram.says(ada, chat, "hello");
  await inbox.until(() => inbox.texts.length === 1);
  telegram.setWebhook("https://other.example/hook");
  await telegram.until(() => webhook.notReady()?.startsWith("Another program"));
  await world.logged("another program has set its own webhook");
  const looks = telegram.callsOf("getWebhookInfo").length;
  await telegram.until(() => telegram.callsOf("getWebhookInfo").length > looks + 3);
  expect(telegram.webhook.info().url).toBe("https://other.example/hook");
  expect(world.log.filter((line) => line.includes("another program"))).toHaveLength(1);
  expect(world.log.filter((line) => line.includes("had been removed"))).toHaveLength(1);
});

test("what Telegram says of failed deliveries stands in the log, once each", async () => {
  await using world = await startTelegramWorld();
  const { telegram, ada, chat, inbox } = world;
  inbox.beforeWrite = () => {
    if (telegram.webhook.deliveries.length < 2) throw new Error("Redis does not answer");
  };
  await world.gateway({ webhookLookMs: 30 });
  await isSet(world);
  telegram.says(ada, chat, "hello");
  await world.logged("Wrong response from the webhook: 503 Service Unavailable");
  const looks = telegram.callsOf("getWebhookInfo").length;
  await telegram.until(() => telegram.callsOf("getWebhookInfo").length > looks + 3);
  expect(world.log.filter((line) => line.includes("could not deliver"))).toHaveLength(1);
});

test("a refused address is named by its setting; flood control, errors and resets are outlasted", async () => {
  await using world = await startTelegramWorld();
  const { telegram } = world;
  telegram.inject({ kind: "limit", retryAfterS: 0.05 }, { method: "setWebhook" });
  telegram.inject({ kind: "status", status: 502 }, { method: "setWebhook", times: 2 });
  telegram.inject({ kind: "reset" }, { method: "setWebhook" });
  const description = "Bad Request: bad webhook: IP address 10.0.0.1 is reserved";
  telegram.inject({ kind: "refuse", code: 400, description }, { method: "setWebhook" });
  const { webhook, isReady } = await world.gateway();
  const sentence = await telegram.until(
    () => webhook.notReady()?.includes("TELEGRAM_WEBHOOK_URL") && webhook.notReady(),
  );
  expect(sentence).toContain("IP address 10.0.0.1 is reserved");
  await isReady();
  const [limited, next] = telegram.callsOf("setWebhook");
  expect(known(next).monotonicMs - known(limited).monotonicMs).toBeGreaterThanOrEqual(49);
  expect(telegram.callsOf("setWebhook").map(({ status }) => status)).toEqual([
    429,
    502,
    502,
    undefined,
    400,
    200,
  ]);
});

test("before the bot is known and after the end deliveries are put off, and what is at work is waited for", async () => {
  await using world = await startTelegramWorld();
  const { telegram, inbox } = world;
  const known = Promise.withResolvers<void>();
  telegram.inject({ kind: "hold", until: known.promise }, { method: "getMe" });
  const { origin, webhook } = await world.gateway();
  const update = (id: number) =>
    `{"update_id":${id},"message":{"message_id":${id},"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5},"text":"${id}"}}`;
  expect((await post(origin, update(1), webhookAddress.secret)).status).toBe(503);
  known.resolve();
  await isSet(world);
  const writing = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const order: string[] = [];
  const accept = inbox.accept.bind(inbox);
  inbox.accept = async (arrivals) => {
    writing.resolve();
    await written.promise;
    await accept(arrivals);
    order.push("written");
  };
  const answer = post(origin, update(2), webhookAddress.secret);
  await writing.promise;
  const stopped = webhook.stop().then(() => order.push("stopped"));
  expect((await post(origin, update(3), webhookAddress.secret)).status).toBe(503);
  written.resolve();
  expect((await answer).status).toBe(200);
  await stopped;
  expect(order).toEqual(["written", "stopped"]);
  expect(inbox.texts).toEqual(["2"]);
  expect(inbox.leases).toEqual([]);
});
