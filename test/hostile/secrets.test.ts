/**
 * Neither secrets nor what people and models write are ever logged or printed, at any level, whatever goes wrong: every way
 * in which a party can fail, against a whole service, with values that are found again wherever they turn up.
 */

import { afterEach, test, vi } from "vitest";
import { faults as modelFaults } from "../../simulator/model/faults.ts";
import type { Fault as ModelFault, SimulatedRequest } from "../../simulator/model/script.ts";
import { signatureHeaders } from "../../simulator/slack/signing.ts";
import type { Fault as TelegramFault } from "../../simulator/telegram/faults.ts";
import type { ConversationId } from "../../src/core/conversation.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { type Person, patienceMs, seesPart } from "../world/person.ts";
import { byWebhook, type DeliveryWays } from "../world/ways-in.ts";
import type { World } from "../world/world.ts";
import { canaries, quoting } from "./canaries.ts";
import { type CanaryWorld, type ProxyFailure, startCanaryWorld } from "./canary-world.ts";
import { slackFaults } from "./slack-faults.ts";

const refuse = (code: number, description: string): TelegramFault => ({ kind: "refuse", code, description });

const telegramFaults: readonly TelegramFault[] = [
  { kind: "limit", retryAfterS: 0.2 },
  refuse(
    400,
    `Bad Request: can't parse entities: Unsupported start tag "${canaries.question}" at byte offset 0`,
  ),
  refuse(400, `Bad Request: inline keyboard button URL "${canaries.answer}" is invalid: Wrong HTTP URL`),
  refuse(401, "Unauthorized"),
  refuse(403, "Forbidden: bot was blocked by the user"),
  refuse(404, "Not Found"),
  refuse(500, "Internal Server Error"),
  { kind: "status", status: 200 },
  { kind: "status", status: 502 },
  { kind: "reset" },
  { kind: "apply-then-reset" },
  { kind: "apply-then-status", status: 504 },
  { kind: "hang" },
  { kind: "apply-then-hang" },
];

const quotingError = { message: quoting, type: "invalid_request_error", param: quoting, code: quoting };
const begun = { tokens: 2 };

/** The key in every place where something that looks like a code or an id is expected. */
function echo(key: string) {
  return { body: { error: { message: key, code: key, type: key } }, headers: { "x-request-id": key } };
}

const chatApiFaults: readonly ModelFault[] = [
  ...[400, 401, 403, 404, 413, 422, 429, 500].map(
    (status) => ({ kind: "status", status, body: { error: quotingError } }) as const,
  ),
  ...[401, 429, 500].map((status) => ({ kind: "status", status, ...echo(canaries.openAiKey) }) as const),
  modelFaults.errorEvent(begun, echo(canaries.openAiKey).body.error),
  { kind: "status", status: 502, body: `<html>${quoting}</html>` },
  { kind: "status", status: 200, body: quoting },
  modelFaults.redirect(`http://127.0.0.1:9/${canaries.openAiKey}`),
  modelFaults.resetBeforeHeaders(),
  modelFaults.silentBeforeHeaders(),
  modelFaults.silentBeforeFirstByte(),
  modelFaults.html(),
  modelFaults.errorEvent({ tokens: 0 }, quotingError),
  modelFaults.errorEvent(begun, quotingError),
  modelFaults.silence(begun),
  modelFaults.cleanEnd({ bytes: 60 }),
  modelFaults.fin(begun),
  modelFaults.reset(begun),
];

const byPolling: DeliveryWays = { telegramBy: "polling", slackBy: "socket" };
const byHttp: DeliveryWays = { telegramBy: "webhook", slackBy: "http" };
const ways = [
  ["polling and Socket Mode", byPolling],
  ["webhook and HTTP", byHttp],
] as const;

/** Slowly enough that answers are edited; a question with a number gets the fault of that number. */
function answer({ messages }: SimulatedRequest) {
  const [, index] = /question (\d+)/.exec(messages.at(-1)?.content ?? "") ?? [];
  const fault = index === undefined ? undefined : chatApiFaults[Number(index)];
  const text = `${canaries.answer} of some words `.repeat(8);
  return { text, pace: { firstTokenMs: 0, tokenMs: 10 }, ...(fault === undefined ? {} : { fault }) };
}

const start = (way: DeliveryWays) => startCanaryWorld(way, answer);

/** Its model is waited for: a sentence about one that is silent would be whole at once, and never edited. */
const startPatiently = () => startCanaryWorld(byPolling, answer, { OPENAI_FIRST_TOKEN_TIMEOUT: "60000" });
const long = { timeout: 120_000 };

const seesSome = (person: Person) => person.until(() => person.answers().length > 0, patienceMs);

afterEach(() => void vi.restoreAllMocks());

test("nothing leaks when Telegram refuses or breaks off a post or an edit", long, async () => {
  await using canary = await startPatiently();
  const { model, telegram } = canary.world;
  for (const method of ["sendMessage", "editMessageText"]) {
    // A text that is not whole yet when it is posted has to be edited.
    if (method === "editMessageText") model.hold(6);
    const asked = telegramFaults.map((fault) => {
      const person = canary.onTelegram();
      const { happened } = telegram.inject(fault, { method, chatId: person.chat.id });
      person.says(canaries.question);
      return { person, happened };
    });
    if (method === "editMessageText") {
      await Promise.all(
        asked.map(({ person }) => person.until(() => person.answers().length > 0, patienceMs)),
      );
      model.release();
    }
    await Promise.all(asked.map(({ happened }) => happened));
  }
  await canary.staysSecret("Telegram refused sendMessage: 400", "no answer to editMessageText");
});

test("nothing leaks when Slack refuses or breaks off a post or an edit", long, async () => {
  await using canary = await startPatiently();
  const { model, slack } = canary.world;
  const asksUnder = (method: string) =>
    slackFaults.map((fault) => {
      const person = canary.onSlack();
      slack.faults.next(method, fault, { channel: person.channel.id });
      person.says(canaries.question);
      return person;
    });
  asksUnder("chat.postMessage");
  model.hold(6);
  await Promise.all(asksUnder("chat.update").map(seesSome));
  model.release();
  for (const method of ["postMessage", "update"])
    await canary.hasLogged(new RegExp(`chat.${method} failed: HTTP 500`));
  await canary.staysSecret("an unreadable answer");
});

test("nothing leaks when the chat API refuses, breaks off or talks nonsense", long, async () => {
  await using canary = await start(byPolling);
  const { control } = canary.world;
  for (const index of chatApiFaults.keys()) {
    // What was learnt of the chat API by the last refusal would keep the next question from it.
    for (const key of await control.keys("{parley:pools}*")) await control.del(key);
    const person = canary.onTelegram();
    person.says(`${canaries.question} ${index}`);
    await seesSome(person);
  }
  const problems = ["key-refused", "overloaded", "refused", "unreachable", "silent", "context-too-long"];
  // Who is limited may wait for longer than a test does.
  await canary.endsSecret(...problems.map((problem) => `"problem":"${problem}"`));
});

const proxyFailures: readonly ProxyFailure[] = [407, 403, 502, "silent", "away"];

test.each(ways)("nothing leaks when proxies refuse, are silent or away: %s", long, async (_name, way) => {
  await using canary = await start(way);
  const { model } = canary.world;
  const platforms = ["telegram", "slack"] as const;
  for (const how of proxyFailures) {
    await canary.breakProxies(["model"], how);
    const askers = canary.inPublic();
    for (const person of askers) person.says(canaries.question);
    for (const person of askers) await person.until(() => person.answers().length > 0, patienceMs);
    await canary.mendProxies(["model"], how);

    model.hold(0);
    const before = model.received();
    for (const person of canary.inPublic()) person.says(canaries.question);
    await model.hasReceived(before + 2);
    const from = canary.logged;
    await canary.breakProxies(platforms, how);
    model.release();
    await canary.hasLogged(/check TELEGRAM_PROXY_URL/, from);
    await canary.hasLogged(/check SLACK_PROXY_URL/, from);
    await canary.mendProxies(platforms, how);
  }
  await canary.staysSecret("Check OPENAI_PROXY_URL");
});

test.each(ways)("nothing leaks when Redis is away: %s", long, async (_name, way) => {
  await using canary = await start(way);
  const { redis } = canary.world;
  const askers: readonly Person[] = canary.inPublic();
  await redis.kill();
  for (const person of askers) person.says(canaries.question);
  await canary.hasLogged(/could not be written/);
  await redis.start();
  for (const person of askers) await seesPart(person, canaries.answer);
  await canary.staysSecret("Redis connection trouble");
});

test("nothing leaks of a stored question that cannot be read", async () => {
  await using canary = await start(byPolling);
  const { world } = canary;
  world.model.hold(0);
  const person = canary.onTelegram();
  person.says(canaries.question);
  await world.model.hasReceived(1);
  person.says(canaries.question);
  await world.hasWaiting(2);
  const [key = ""] = await world.control.keys(createKeys().messages("*" as ConversationId));
  const stored = await world.control.hgetall(key);
  const spoilt = Object.entries(stored).flatMap(([id, message]) => [id, `${canaries.question} ${message}`]);
  await world.control.hset(key, ...spoilt);
  world.model.release();
  await canary.hasLogged(/cannot be read by this version/);
  await world.control.hset(key, stored);
  await canary.staysSecret();
});

test.each(ways)("nothing leaks of what is delivered unreadable or forged: %s", async (_name, way) => {
  await using canary = await start(way);
  const chat = { id: canaries.place, title: canaries.place };
  canary.world.telegram.deliver({ message: { [canaries.name]: canaries.question, chat } });
  await canary.hasLogged(/"platform":"telegram".*an update could not be read/);
  if (way.slackBy === "http") await forge(canary.world);
  await canary.staysSecret(...(way.slackBy === "http" ? [/requests were refused/] : []));
});

/** Requests that only somebody else or somebody broken makes. */
async function forge({ service, slack }: World): Promise<void> {
  const origin = `http://127.0.0.1:${service?.port}`;
  const event = {
    type: "message",
    channel_type: "im",
    channel: canaries.place,
    text: { canary: 1 },
    ts: "canary",
  };
  const envelope = { type: "event_callback", team_id: slack.teamId, event_id: "canary", event };
  const bodies = [
    canaries.question,
    `{"canary":${canaries.question}`,
    '{"update_id":"canary"}',
    JSON.stringify(envelope),
  ];
  for (const body of bodies) {
    for (const secret of [canaries.signingSecret, "canary"]) {
      const headers = { "content-type": "application/json", ...signatureHeaders(secret, body) };
      await fetch(`${origin}/slack/events?canary`, { method: "POST", headers, body });
    }
    for (const secret of [canaries.webhookSecret, "canary"]) {
      const headers = { "content-type": "application/json", "x-telegram-bot-api-secret-token": secret };
      const { pathname } = new URL(byWebhook.TELEGRAM_WEBHOOK_URL);
      await fetch(`${origin}${pathname}?canary`, { method: "POST", headers, body });
    }
  }
}

test.each(ways)("nothing leaks when every call fails at the start: %s", long, async (_name, way) => {
  await using canary: CanaryWorld = await start(way);
  const { world } = canary;
  await world.service?.[Symbol.asyncDispose]();
  const hits = telegramFaults.map((fault) => world.telegram.inject(fault, {}));
  for (const fault of slackFaults) {
    world.slack.faults.next("auth.test", fault);
    if (way.slackBy === "socket") world.slack.faults.next("apps.connections.open", fault);
  }
  await world.startInside();
  await Promise.all(hits.map(({ happened }) => happened));
  await world.isConnected();
  for (const connection of world.slack.socketMode.connections) world.slack.socketMode.kill(connection);
  for (const person of canary.inPublic()) {
    person.says(canaries.question);
    await seesPart(person, canaries.answer);
  }
  const trouble = way.slackBy === "http" ? "the webhook could not be set" : "a socket was lost";
  await canary.staysSecret(trouble, "auth.test");
});
