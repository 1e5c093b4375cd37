/** Hostile requests (`reliability.md` §4 D) to a whole service over real connections, at both platforms' addresses. */

import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signatureHeaders } from "../../simulator/slack/signing.ts";
import { sees } from "../world/person.ts";
import { byWebhook } from "../world/ways-in.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";
import { slackMessage, telegramMessage } from "./messages.ts";
import { type RawRequest, statusOf } from "./raw-request.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ telegramBy: "webhook", slackBy: "http" });
});
afterAll(() => world[Symbol.asyncDispose]());

const slackPath = "/slack/events";
const telegramPath = new URL(byWebhook.TELEGRAM_WEBHOOK_URL).pathname;
const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const minute = 60_000;

const origin = () => `http://127.0.0.1:${world.service?.port}`;
const secret = { ...json, "x-telegram-bot-api-secret-token": byWebhook.TELEGRAM_WEBHOOK_SECRET };

function toTelegram(body: RawRequest["body"], headers: RawRequest["headers"] = secret): RawRequest {
  return { path: telegramPath, headers, body: body ?? "" };
}

function signed(body: string | Buffer, headers: RawRequest["headers"] = json, atMs = Date.now()): RawRequest {
  const signature = signatureHeaders(world.slack.signingSecret, body, atMs);
  return { path: slackPath, headers: { ...headers, ...signature }, body };
}

/** A good message to the bot, which only its envelope makes a bad request. */
function goodSlack(): string {
  return slackMessage(world).body;
}

function changed(body: string, change: object): string {
  return JSON.stringify({ ...JSON.parse(body), ...change });
}

const deep = (open: string, close: string) => `${open.repeat(100_000)}0${close.repeat(100_000)}`;
const tooLarge = Buffer.alloc(1_048_577, 32);
const bomb = gzipSync(Buffer.alloc(64 * 1_048_576));

const refused: readonly (readonly [what: string, status: number, request: () => RawRequest])[] = [
  ["to Telegram's address without its secret", 401, () => toTelegram(telegramMessage(world).body, json)],
  [
    "with an empty secret",
    401,
    () => toTelegram(telegramMessage(world).body, { ...secret, "x-telegram-bot-api-secret-token": "" }),
  ],
  [
    "with the beginning of the secret",
    401,
    () =>
      toTelegram(telegramMessage(world).body, {
        ...json,
        "x-telegram-bot-api-secret-token": byWebhook.TELEGRAM_WEBHOOK_SECRET.slice(0, -1),
      }),
  ],
  [
    "with the secret twice",
    401,
    () => {
      const twice = Array<string>(2).fill(byWebhook.TELEGRAM_WEBHOOK_SECRET);
      return toTelegram(telegramMessage(world).body, { ...json, "x-telegram-bot-api-secret-token": twice });
    },
  ],
  ["of no JSON to Telegram's address", 400, () => toTelegram("{")],
  ["of a list to Telegram's address", 400, () => toTelegram("[]")],
  ["of an update whose number is endless", 400, () => toTelegram('{"update_id":1e400}')],
  ["of lists 100,000 deep to Telegram's address", 400, () => toTelegram(deep("[", "]"))],
  ["of objects 100,000 deep to Telegram's address", 400, () => toTelegram(deep('{"a":', "}"))],
  ["packed to Telegram's address", 400, () => toTelegram(bomb, { ...secret, "content-encoding": "gzip" })],
  ["too large to Telegram's address", 413, () => toTelegram(tooLarge)],

  ["without a signature", 401, () => ({ path: slackPath, headers: json, body: goodSlack() })],
  ["signed six minutes ago", 401, () => signed(goodSlack(), json, Date.now() - 6 * minute)],
  ["signed ten minutes ahead", 401, () => signed(goodSlack(), json, Date.now() + 10 * minute)],
  ["signed for another body", 401, () => ({ ...signed(goodSlack()), body: goodSlack() })],
  ["signed at another time than it says", 401, () => withHeader("x-slack-request-timestamp", now(-1))],
  ["signed at no time", 401, () => withHeader("x-slack-request-timestamp", "NaN")],
  ["signed at an endless time", 401, () => withHeader("x-slack-request-timestamp", "1e400")],
  ["with a signature of another version", 401, () => withSignature((hex) => `v1=${hex}`)],
  ["with a signature in capitals", 401, () => withSignature((hex) => `v0=${hex.toUpperCase()}`)],
  ["with the beginning of a signature", 401, () => withSignature((hex) => `v0=${hex.slice(0, -2)}`)],
  ["with an empty signature", 401, () => withSignature(() => "")],
  ["with its signature twice", 401, () => withSignature((hex) => [`v0=${hex}`, `v0=${hex}`])],
  ["of a check with a smuggled command and a wrong signature", 401, () => smuggled("v0=00")],
  ["for another workspace", 403, () => signed(changed(goodSlack(), foreignTeam))],
  ["for another app", 403, () => signed(changed(goodSlack(), { api_app_id: "A0OTHER" }))],
  ["for another workspace in its last words", 403, () => signed(goodSlack().replace(/}$/, foreignTail))],
  ["for nobody", 403, () => signed("{}")],
  ["of no JSON", 400, () => signed('{"type":"event_callback"')],
  ["of a list", 400, () => signed("[]")],
  ["of nothing", 400, () => signed("null")],
  ["of an empty body", 400, () => signed("")],
  ["of lists 100,000 deep", 400, () => signed(deep("[", "]"))],
  ["of a form with no JSON for payload", 400, () => signed("payload=%7B", form)],
  ["of an unknown kind", 400, () => signed(goodSlack(), { "content-type": "text/xml" })],
  ["packed", 400, () => signed(bomb, { ...json, "content-encoding": "gzip" })],
  ["too large", 413, () => signed(tooLarge)],
  ["too large and without a signature", 413, () => ({ path: slackPath, headers: json, body: tooLarge })],
  ["to read what is there", 405, () => ({ ...signed(goodSlack()), method: "GET" })],
  ["to change what is there", 405, () => ({ ...signed(goodSlack()), method: "PUT" })],
  ["beside the address", 404, () => ({ ...signed(goodSlack()), path: `${slackPath}/` })],
  ["around the address", 404, () => ({ ...signed(goodSlack()), path: "/x/..%2Fslack/events" })],
];

const foreignTeam = { team_id: "T0OTHER", context_team_id: "T0OTHER", authorizations: [] };
const foreignTail = `,${JSON.stringify(foreignTeam).slice(1)}`;
const now = (offsetS: number) => String(Math.floor(Date.now() / 1_000) + offsetS);

function withHeader(name: string, value: string | string[]): RawRequest {
  const request = signed(goodSlack());
  return { ...request, headers: { ...request.headers, [name]: value } };
}

function withSignature(change: (hex: string) => string | string[]): RawRequest {
  const request = signed(goodSlack());
  const hex = String(request.headers?.["x-slack-signature"]).slice(3);
  return { ...request, headers: { ...request.headers, "x-slack-signature": change(hex) } };
}

/** Slack's certificate check comes unsigned; this one carries a message. */
function smuggled(signature?: string): RawRequest {
  const body = `ssl_check=1&${new URLSearchParams({ payload: goodSlack(), command: "/parley", text: "stop" })}`;
  const headers = signature === undefined ? form : { ...form, "x-slack-signature": signature };
  return { path: slackPath, headers, body };
}

/** A message on both platforms is answered, and nothing else has reached the model since `before`. */
async function onlyGoodArrives(before: number): Promise<void> {
  for (const platform of ["telegram", "slack"] as const) {
    const person = world.person(platform);
    person.says("Are you there?");
    await sees(person, answerToText("Are you there?"));
  }
  await world.isQuiet();
  expect(world.model.received()).toBe(before + 2);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}

test.for(refused)("a request %s is answered %i, and nothing comes of it", async ([, status, request]) => {
  const before = world.model.received();
  expect(await statusOf(origin(), request())).toBe(status);
  await onlyGoodArrives(before);
});

test.for([
  ["unsigned", () => smuggled()],
  ["signed", () => signed(String(smuggled().body), form)],
] as const)(
  "a check that carries a message, %s, is answered and the message ignored",
  async ([, request]) => {
    const before = world.model.received();
    expect(await statusOf(origin(), request())).toBe(200);
    await onlyGoodArrives(before);
  },
);

test("the same request again within five minutes is taken, and answered no second time", async () => {
  const { body, answers } = slackMessage(world, "Once");
  const request = signed(body);
  for (let times = 0; times < 3; times += 1) expect(await statusOf(origin(), request)).toBe(200);
  await world.slack.until(() => answers().length > 0);
  const before = world.model.received();
  await onlyGoodArrives(before);
  expect(answers()).toEqual([answerToText("Once")]);
});

/** What an authentic message may hold besides: a change of its JSON. */
const odd: readonly (readonly [what: string, change: (body: string) => string])[] = [
  ["lists 100,000 deep", (body) => body.replace(/}$/, `,"x":${deep("[", "]")}}`)],
  ["objects 100,000 deep", (body) => body.replace(/}$/, `,"x":${deep('{"a":', "}")}}`)],
  ["a prototype", (body) => body.replace(/^{/, '{"__proto__":{"polluted":1},')],
  ["a constructor's prototype", (body) => body.replace(/}$/, ',"constructor":{"prototype":{"polluted":1}}}')],
  ["an endless number", (body) => body.replace(/}$/, ',"event_time":1e400,"date":-1e400}')],
  ["a key twice, the right one last", (body) => body.replace(/^{/, '{"team_id":"T0OTHER","update_id":1,')],
  ["half a character", (body) => body.replace("Hello", "Hello \\ud800 you \\udc00")],
  ["a zero", (body) => body.replace("Hello", "Hello \\u0000 you")],
];

test.for(odd)("an authentic message with %s does no harm on Slack", async ([, change]) => {
  const { body, answers } = slackMessage(world, "Hello");
  expect(await statusOf(origin(), signed(change(body)))).toBe(200);
  await world.slack.until(() => answers().some((answer) => answer.startsWith("You said Hello")));
  await onlyGoodArrives(world.model.received());
});

test.for(odd)("an authentic message with %s does no harm on Telegram", async ([, change]) => {
  const { body, answers } = telegramMessage(world, "Hello");
  expect(await statusOf(origin(), toTelegram(change(body)))).toBe(200);
  await world.telegram.until(() => answers().some((answer) => answer.startsWith("You said Hello")));
  await onlyGoodArrives(world.model.received());
});

test("what was refused is counted in the log, and not quoted", async () => {
  await statusOf(origin(), toTelegram(telegramMessage(world, "canary words").body, json));
  await statusOf(origin(), { ...signed(slackMessage(world, "canary words").body), body: "canary words" });
  const refusals = world.log.filter((line) => line.includes("requests were refused"));
  expect(refusals.join()).toMatch(/"platform":"telegram".*"platform":"slack"/s);
  // A flood of one kind is one line in ten seconds.
  expect(refusals.filter((line) => line.includes('"reason":"stale"')).length).toBeLessThan(3);
  expect(world.log.join()).not.toMatch(/canary|secret-of-the-tests|simulated-signing/);
});
