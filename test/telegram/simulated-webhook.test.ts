/** The simulator's deliveries, as a bot's server sees them, against what is known of the real ones. */

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Api, GrammyError } from "grammy";
import { expect, test } from "vitest";
import { startTelegramSimulator, type TelegramSimulatorOptions } from "../../simulator/telegram/index.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly update: { readonly update_id: number; readonly message?: { readonly text?: string } };
}

/** A simulator and a bot's server that answers by hand or, by default, 200. */
async function startBot(options: TelegramSimulatorOptions = {}) {
  const telegram = await startTelegramSimulator({ flood: "off", secondMs: 50, ...options });
  const received: Received[] = [];
  const bot = {
    telegram,
    received,
    texts: () => received.map(({ update }) => update.message?.text),
    api: new Api(telegram.token, { apiRoot: telegram.url }),
    url: "",
    answers: (response: ServerResponse, _received: Received): void => {
      response.end();
    },
    async [Symbol.asyncDispose]() {
      await telegram[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { headers, url: path = "" } = request;
    const one = { headers, path, update: JSON.parse(Buffer.concat(chunks).toString()) };
    received.push(one);
    bot.answers(response, one);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  bot.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?a=b`;
  return bot;
}

function person({ telegram }: Awaited<ReturnType<typeof startBot>>, firstName: string) {
  const user = telegram.createUser({ firstName });
  const chat = telegram.createPrivateChat(user);
  return { says: (text: string) => telegram.says(user, chat, text) };
}

test("updates come as JSON with the secret in its header, to the address with its query", async () => {
  await using bot = await startBot();
  const { telegram, api } = bot;
  const ada = person(bot, "Ada");
  ada.says("before");
  await api.setWebhook(bot.url, { secret_token: "s_3-cret" });
  ada.says("after");
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  expect(bot.texts()).toEqual(["before", "after"]);
  expect(bot.received[0]).toMatchObject({
    path: "/hook?a=b",
    headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": "s_3-cret" },
  });
  expect(await api.getWebhookInfo()).toMatchObject({
    url: bot.url,
    pending_update_count: 0,
    max_connections: 40,
  });
});

test("what is not answered by a 2xx comes again: at once, then after twice the time, or when it is told", async () => {
  await using bot = await startBot();
  const { telegram, api } = bot;
  const statuses = [500, 404, 302, 429, 503, 201];
  bot.answers = (response) => {
    const status = statuses.shift() ?? 200;
    response.writeHead(status, status === 429 ? { "retry-after": "3" } : {}).end();
  };
  person(bot, "Ada").says("again and again");
  await api.setWebhook(bot.url);
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  const { deliveries } = telegram.webhook;
  expect(deliveries.map(({ status }) => status)).toEqual([500, 404, 302, 429, 503, 201]);
  const waits = deliveries
    .slice(1)
    .map((delivery, i) => delivery.startedAtMs - (deliveries[i]?.endedAtMs ?? 0));
  // Of the server's seconds: 0, 2, 4, 3 as told, and 8 at least; a timer may be early by what the clock rounds off.
  for (const [i, seconds] of [0, 2, 4, 3, 8].entries()) {
    expect(waits[i]).toBeGreaterThanOrEqual(seconds * 50 - 2);
  }
  expect(await api.getWebhookInfo()).toMatchObject({
    last_error_message: "Wrong response from the webhook: 503 Service Unavailable",
  });
});

test("one chat's updates come one after another, and do not hold up another chat's", async () => {
  await using bot = await startBot();
  const { telegram, api } = bot;
  const [ada, bob] = [person(bot, "Ada"), person(bot, "Bob")];
  const held: ServerResponse[] = [];
  bot.answers = (response, { update }) => {
    if (update.message?.text === "hold") held.push(response);
    else response.end();
  };
  await api.setWebhook(bot.url);
  ada.says("hold");
  ada.says("second");
  for (let i = 0; i < 3; i += 1) bob.says(`bob ${i}`);
  await telegram.until(() => telegram.pendingUpdates.length === 2);
  expect(bot.texts().toSorted()).toEqual(["bob 0", "bob 1", "bob 2", "hold"]);
  held[0]?.end();
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  expect(bot.texts().at(-1)).toBe("second");
});

test("no more than max_connections deliveries are open at once", async () => {
  await using bot = await startBot();
  const { telegram, api } = bot;
  let open = 0;
  let most = 0;
  bot.answers = (response) => {
    open += 1;
    most = Math.max(most, open);
    // The bot works a little.
    setTimeout(() => {
      open -= 1;
      response.end();
    }, 10);
  };
  for (let i = 0; i < 6; i += 1) person(bot, `Person ${i}`).says("hello");
  await api.setWebhook(bot.url, { max_connections: 2 });
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  expect(bot.received).toHaveLength(6);
  expect(most).toBe(2);
});

test("while a webhook is set polling is refused; without it what is pending is polled", async () => {
  await using bot = await startBot();
  const { telegram, api } = bot;
  bot.answers = (response) => void response.writeHead(500).end();
  await api.setWebhook(bot.url, { allowed_updates: ["message"] });
  person(bot, "Ada").says("kept");
  await expect(api.getUpdates()).rejects.toMatchObject({ error_code: 409, description: /webhook is active/ });
  await telegram.until(() => telegram.webhook.deliveries.length > 1);
  await api.deleteWebhook();
  expect((await api.getUpdates()).map(({ message }) => message?.text)).toEqual(["kept"]);
  expect(await api.getWebhookInfo()).toMatchObject({ url: "", pending_update_count: 1 });
});

test.for([
  [{ url: "ftp://bot.example" }, 400, /invalid webhook URL/],
  [{ url: "http://bot.example" }, 400, /An HTTPS URL must be provided/],
  [{ url: "https://bot.example:3000" }, 400, /only on ports 80, 88, 443 or 8443/],
  [{ url: "https://bot.example", secret_token: "with space" }, 400, /unallowed characters/],
  [{ url: "https://bot.example", secret_token: "x".repeat(257) }, 400, /too long/],
] as const)("a webhook is refused as by the real server: %o", async ([{ url, ...options }, code, reason]) => {
  await using bot = await startBot();
  await expect(bot.api.setWebhook(url, options)).rejects.toMatchObject({
    error_code: code,
    description: reason,
  });
  expect((await bot.api.getWebhookInfo()).url).toBe("");
});

test("a webhook is set once a second at most, and nothing leaves this machine", async () => {
  await using bot = await startBot({ secondMs: 60_000 });
  const { telegram, api } = bot;
  await api.setWebhook("https://bot.example/hook");
  const refusal = await api.setWebhook("https://bot.example/hook").catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(GrammyError);
  expect(refusal).toMatchObject({ error_code: 429, parameters: { retry_after: 60 } });
  person(bot, "Ada").says("hello");
  await telegram.until(() => telegram.webhook.info().last_error_message);
  expect(telegram.webhook.info().last_error_message).toBe("Connection refused");
});

test("an answer that never comes is given up, and the update comes again", async () => {
  await using bot = await startBot({ secondMs: 2 });
  const { telegram, api } = bot;
  bot.answers = (response) => {
    if (bot.received.length > 1) response.end();
  };
  await api.setWebhook(bot.url);
  person(bot, "Ada").says("anybody?");
  await telegram.until(() => telegram.pendingUpdates.length === 0);
  expect(telegram.webhook.deliveries.map(({ error }) => error)).toEqual(["Read timeout expired", undefined]);
});
