import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import type { Environment } from "../../src/config/variables.ts";
import { type Config, readConfig } from "../../src/config.ts";
import type { ChatApi, ChatEvent } from "../../src/core/chat-api.ts";
import { ChatApiError } from "../../src/core/errors.ts";
import { check } from "../../src/launch/check.ts";
import { startPrivateRedis } from "../../src/launch/private-redis.ts";
import { findRedisServer } from "../../src/launch/redis-server.ts";
import { surveyWorkspaces } from "../../src/survey.ts";
import { openTestQueue } from "../queue/open-test-queue.ts";
import { temporaryFolder } from "./temporary.ts";

const model = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_MODEL: "small" };

const scopes = ["app_mentions:read", "chat:write"];

function manifestFile(): string {
  const file = join(temporaryFolder(), "manifest.yaml");
  writeFileSync(file, `oauth_config:\n  scopes:\n    bot: [${scopes.join(", ")}]\n`);
  return file;
}

function configOf(environment: Environment): Config {
  const result = readConfig({ ...model, ...environment }, "");
  if ("config" in result) return result.config;
  throw new Error(JSON.stringify(result.problems));
}

function answering(...events: ChatEvent[]): ChatApi {
  return {
    contextWindow: () => 8_192,
    async *stream() {
      yield* events;
    },
  };
}

const yes = answering({ kind: "text", text: "yes" });

async function report(environment: Environment, chatApi: ChatApi = yes) {
  const lines: string[] = [];
  const say = (line: string) => lines.push(line);
  const survey = () => surveyWorkspaces(configOf(environment));
  const parts = { chatApis: [chatApi], survey, manifest: manifestFile(), say };
  const passed = await check(configOf(environment), parts);
  return { passed, text: lines.join("\n") };
}

async function startRedis() {
  const search = await findRedisServer();
  if (search.kind !== "found") throw new Error("These tests need a Redis server; npm test installs one.");
  return startPrivateRedis({ folder: temporaryFolder(), server: search.server });
}

test("where everything works, every line says so", async () => {
  await using telegram = await startTelegramSimulator();
  await using slack = await startSlackSimulator({ scopes });
  await using redis = await startRedis();
  const { passed, text } = await report({
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: `${slack.origin}/api/`,
    REDIS_URL: redis.url,
  });
  expect(text.split("\n").map((line) => line[0])).toEqual([..."✓✓✓✓✓✓✓✓", "A"]);
  expect(text).toMatch(
    /@parley_bot.*privacy mode is on.*all scopes.*accepts the app token.*small answers.*policy are right/s,
  );
  expect(passed).toBe(true);
});

test("a bot that reads everything in groups, or has a webhook, is pointed out and passes", async () => {
  await using telegram = await startTelegramSimulator({ canReadAllGroupMessages: true });
  telegram.setWebhook("https://bot.example/hook");
  const { passed, text } = await report({
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
  });
  expect(text).toMatch(/! Telegram: privacy mode is off/);
  expect(text).toMatch(/! Telegram: a webhook is set/);
  expect(text).not.toContain("bot.example");
  expect(passed).toBe(true);
});

test("with Slack by HTTP the check says which address the app has to be given", async () => {
  await using slack = await startSlackSimulator({ scopes });
  const { passed, text } = await report({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: "0123456789abcdef0123456789abcdef",
    SLACK_API_URL: `${slack.origin}/api/`,
  });
  expect(text).toMatch(/✓ Slack: the bot is .*! Slack: events come by HTTP\. .*\/slack\/events/s);
  expect(text).not.toContain("0123456789abcdef");
  expect(slack.callsOf("apps.connections.open")).toEqual([]);
  expect(passed).toBe(true);
});

test("a webhook is looked at as Telegram has it: unset, another's, ours, and what failed on it", async () => {
  await using telegram = await startTelegramSimulator();
  const ask = () =>
    report({
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      TELEGRAM_WEBHOOK_URL: "https://parley.example/telegram",
      TELEGRAM_WEBHOOK_SECRET: "secret-of-the-check",
    });
  expect((await ask()).text).toContain("! Telegram: the webhook is not set yet; a start sets it.");
  telegram.setWebhook("https://other.example/hook");
  expect((await ask()).text).toContain(
    "! Telegram: it delivers to another address than TELEGRAM_WEBHOOK_URL",
  );
  telegram.setWebhook("https://parley.example/telegram");
  expect((await ask()).text).toContain("✓ Telegram: it delivers to TELEGRAM_WEBHOOK_URL.");
  const ada = telegram.createUser({ firstName: "Ada" });
  telegram.says(ada, telegram.createPrivateChat(ada), "Hello");
  await telegram.until(() => telegram.webhook.info().last_error_message);
  const { passed, text } = await ask();
  expect(text).toContain("! Telegram: 1 update waits.");
  expect(text).toMatch(/! Telegram: a delivery failed at 20\d\d-.*: Connection refused\./);
  expect(text).not.toMatch(/parley\.example|other\.example|secret-of/);
  expect(passed).toBe(true);
});

test("wrong tokens and missing scopes fail, each with what to do, and no token is shown", async () => {
  await using telegram = await startTelegramSimulator();
  await using slack = await startSlackSimulator({ scopes: ["chat:write"] });
  const { passed, text } = await report({
    TELEGRAM_BOT_TOKEN: `999999999:${"W".repeat(35)}`,
    TELEGRAM_API_ROOT: telegram.url,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: "xapp-wrong-token-of-mine",
    SLACK_API_URL: `${slack.origin}/api/`,
  });
  expect(text).toMatch(/✗ Telegram: TELEGRAM_BOT_TOKEN is refused/);
  expect(text).toMatch(/✗ Slack: scopes are missing: .*app_mentions:read/);
  expect(text).toMatch(/✗ Slack: SLACK_APP_TOKEN is refused/);
  expect(text).toContain("3 things have to be mended.");
  expect(text).not.toMatch(/WWW|wrong-token|simulated-bot/);
  expect(passed).toBe(false);
});

test("servers that are not there are named, without the token that is part of the address", async () => {
  const { passed, text } = await report({
    TELEGRAM_BOT_TOKEN: `999999999:${"W".repeat(35)}`,
    TELEGRAM_API_ROOT: "http://127.0.0.1:9",
    SLACK_BOT_TOKEN: "xoxb-1234567890",
    SLACK_APP_TOKEN: "xapp-1234567890",
    SLACK_API_URL: "http://127.0.0.1:9/api/",
    REDIS_URL: "redis://:hunter22@127.0.0.1:9",
  });
  expect(text).toMatch(/✗ Telegram: 127\.0\.0\.1:9 cannot be reached/);
  expect(text.match(/✗ Slack: 127\.0\.0\.1:9 cannot be reached/g)).toHaveLength(2);
  expect(text).toContain("✗ Redis: 127.0.0.1:9 cannot be reached (ECONNREFUSED).");
  expect(text).not.toMatch(/WWW|1234567890|hunter22/);
  expect(passed).toBe(false);
});

test("a Redis that refuses the password, wants one, is a replica or is full is named with what to do", async () => {
  await using redis = await startRedis();
  const asked = async (password: string) =>
    (await report({ REDIS_URL: `${redis.url}?password=${password}` })).text;
  const client = new Redis(redis.url);
  await client.config("SET", "maxmemory", "100");
  expect(await asked("")).toMatch(
    /✗ Redis: it is full: .* of maxmemory 0\.0 MB are used\. Raise maxmemory\./,
  );
  await client.config("SET", "maxmemory", "0");
  await client.replicaof("127.0.0.1", 9);
  expect(await asked("")).toContain("✗ Redis: it is a read-only replica. Set REDIS_URL to its primary.");
  await client.replicaof("NO", "ONE");
  await client.config("SET", "requirepass", "right");
  client.disconnect();
  expect(await asked("")).toMatch(/✗ Redis: \S+ wants a password: REDIS_URL=\S+\?password=…/);
  const refused = await asked("hunter22");
  expect(refused).toMatch(/✗ Redis: \S+ refuses the user name or password of REDIS_URL\./);
  expect(refused).not.toContain("hunter22");
});

test("a model that refuses, or says nothing, is reported in the words of its problem", async () => {
  const refusing: ChatApi = {
    contextWindow: () => 8_192,
    // biome-ignore lint/correctness/useYield: a stream that fails before its first event
    async *stream() {
      throw new ChatApiError("key-refused", "127.0.0.1:9 refused the key.", "never");
    },
  };
  const platform = {
    TELEGRAM_BOT_TOKEN: `999999999:${"W".repeat(35)}`,
    TELEGRAM_API_ROOT: "http://127.0.0.1:9",
  };
  expect((await report(platform, refusing)).text).toContain(
    "✗ The model small: 127.0.0.1:9 refused the key.",
  );
  const wordless = answering({ kind: "end", finish: "length", usage: undefined });
  expect((await report(platform, wordless)).text).toContain("! The model small answers, but gave no text");
});

test("a Redis that loses data fails, and passes with a note once that is accepted", async () => {
  await using redis = await startRedis();
  const client = new Redis(redis.url);
  await client.config("SET", "maxmemory-policy", "allkeys-lru");
  client.disconnect();
  expect(await report({ REDIS_URL: redis.url })).toMatchObject({
    passed: false,
    text: expect.stringMatching(/✗ Redis: maxmemory-policy is allkeys-lru/),
  });
  expect(await report({ REDIS_URL: redis.url, REDIS_UNSAFE: "accept" })).toMatchObject({
    passed: true,
    text: expect.stringMatching(/! Redis: maxmemory-policy is allkeys-lru.*accepted/),
  });
});

test("each of several endpoints is asked by the name that it has for the model, and one may be at fault", async () => {
  const lines: string[] = [];
  const asked: string[] = [];
  const listed = [
    { baseUrl: "http://127.0.0.1:9/v1", models: { small: "my-deployment" } },
    { baseUrl: "http://localhost:11434/v1", models: ["other"] },
  ];
  const result = readConfig({ ENDPOINTS: JSON.stringify(listed), OPENAI_MODEL: "small" }, "", {
    model: true,
  });
  if (!("config" in result)) throw new Error(JSON.stringify(result.problems));
  const noting = (chatApi: ChatApi): ChatApi => ({
    ...chatApi,
    stream: (request, signal) => {
      asked.push(request.model);
      return chatApi.stream(request, signal);
    },
  });
  const passed = await check(result.config, {
    chatApis: [noting(yes), noting(answering())],
    survey: async () => undefined,
    say: (line) => lines.push(line),
  });
  expect(asked).toEqual(["my-deployment", "other"]);
  const text = lines.join("\n");
  expect(text).toMatch(/✓ The model my-deployment at 127\.0\.0\.1:9 answers/);
  expect(text).toMatch(/✗ The model other at localhost:11434 gave no answer/);
  expect(passed).toBe(false);
});

test("with nothing set, the check says what npm start does", async () => {
  const lines: string[] = [];
  const result = readConfig({}, "");
  if (!("config" in result)) throw new Error("an empty environment is right");
  expect(
    await check(result.config, {
      chatApis: [],
      survey: async () => undefined,
      say: (line) => lines.push(line),
    }),
  ).toBe(true);
  expect(lines.join("\n")).toMatch(
    /! No platform is set: npm start opens the playground\..*a private one is started/s,
  );
});

test("where workspaces install the app, each is asked, and what ails one of them keeps none from being served", async () => {
  await using slack = await startSlackSimulator({ rates: "off" });
  await using redis = await startRedis();
  const key = randomBytes(32);
  const older = randomBytes(32);
  const environment = {
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
    SLACK_CLIENT_ID: slack.oauth.clientId,
    SLACK_CLIENT_SECRET: slack.oauth.clientSecret,
    SLACK_TOKEN_KEY: key.toString("base64"),
    SLACK_TOKEN_KEY_OLD: older.toString("base64"),
    SLACK_PUBLIC_URL: "https://parley.example.com",
    REDIS_URL: redis.url,
  };
  const before = await report(environment);
  expect(before.text).toMatch(/✓ Slack: it knows the app/);
  expect(before.text).toMatch(/! Slack: nobody has .*https:\/\/parley\.example\.com\/slack\/install/);
  expect(before.passed).toBe(true);

  await using queue = openTestQueue(redis.url, { namespace: "parley" });
  const [well, few, gone, lost] = ["T0WELL", "T0FEW", "T0GONE", "T0LOST"].map((teamId) =>
    slack.addTeam({ teamId }),
  );
  await using ofNow = queue.openInstallations([key]);
  await using ofThen = queue.openInstallations([older]);
  await using ofNobody = queue.openInstallations([randomBytes(32)]);
  for (const [team, store, granted] of [
    [well!, ofNow, scopes],
    [few!, ofThen, ["chat:write"]],
    [gone!, ofNow, scopes],
    [lost!, ofNobody, scopes],
  ] as const) {
    const { access_token: botToken } = slack.oauth.grants(team, granted);
    const stored = { v: 1, teamId: team.teamId, botToken, botUserId: team.botUserId, botId: "B1" };
    await store.save({ platform: "slack", scope: team.teamId }, JSON.stringify(stored));
  }
  gone!.revoke([...gone!.grants.keys()][0] ?? "");
  const { text, passed } = await report(environment);
  expect(text).toMatch(/✓ Slack: the bot is parley in Team T0WELL \(T0WELL\)\./);
  expect(text).toMatch(/! Slack: scopes are missing in T0FEW: .*installs it there again/);
  expect(text).toMatch(/! Slack: the token of T0GONE was revoked/);
  expect(text).toMatch(/✗ Slack: the token of T0LOST was encrypted with a key that is not set/);
  expect(text).toMatch(/! Slack: 1 workspace still needs SLACK_TOKEN_KEY_OLD/);
  expect(text).not.toMatch(/xoxb|xapp/);
  expect(passed).toBe(false);
  expect((await report({ ...environment, SLACK_CLIENT_SECRET: "x".repeat(32) })).text).toMatch(
    /✗ Slack: SLACK_CLIENT_SECRET is refused/,
  );
  expect((await report({ ...environment, SLACK_CLIENT_ID: "1.2" })).text).toMatch(/✗ Slack: SLACK_CLIENT_ID/);
});
