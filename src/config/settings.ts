/** Every setting of Parley: one zod schema, from which the documentation and `.env.example` are generated as well. */

import { z } from "zod";
import { type EntryKind, parseEntries } from "../core/access.ts";
import { facts, optional, type SettingFacts, withDefault } from "./declare.ts";
import { endpointSettings } from "./endpoint-settings.ts";
import { slackInstallSettings } from "./install-settings.ts";
import { limitSettings } from "./limit-settings.ts";
import { patienceSettings } from "./patience-settings.ts";
import { accessForms } from "./platforms.ts";
import { proxySettings } from "./proxy-settings.ts";
import { Secret } from "./secret.ts";
import { baseUrl, redisUrlFault, webhookUrl } from "./urls.ts";
import { hostList, line, oneOf, rate, type SettingType, secret, text, wholeNumber } from "./values.ts";

/** What `name` is documented as. */
export function factsOf(name: SettingName): SettingFacts {
  const found = facts.get(settings.shape[name]);
  if (found === undefined) throw new Error(`The setting ${name} is not documented.`);
  return found;
}

const redisAddress: SettingType<Secret> = z.string().transform((value, context) => {
  const fault = redisUrlFault(value);
  if (fault === undefined) return new Secret(value);
  context.issues.push({ code: "custom", message: fault, input: value });
  return z.NEVER;
});

const webhookSecret: SettingType<Secret> = z.string().transform((value, context) => {
  const fault = webhookSecretFault(value);
  if (fault === undefined) return new Secret(value);
  context.issues.push({ code: "custom", message: fault, input: value });
  return z.NEVER;
});

/** What the platform takes, and long enough that nobody guesses it. */
function webhookSecretFault(value: string): string | undefined {
  const wanted = "16 to 256 of the characters A–Z, a–z, 0–9, _ and -";
  if (!/^[\w-]*$/.test(value))
    return `has a character in it that Telegram does not take; it takes ${wanted}.`;
  if (value.length < 16) return `is too short to keep strangers out; it takes ${wanted}.`;
  return value.length > 256 ? `is too long; it takes ${wanted}.` : undefined;
}

/** A list of people and places; all its faults in one message. */
function entries(kinds?: readonly EntryKind[]) {
  return z.string().transform((list, context) => {
    const { entries: read, faults } = parseEntries(list, accessForms, kinds);
    if (faults.length === 0) return read;
    const message = faults.map((fault) => `"${fault.entry}" ${fault.message}`).join("; ");
    context.issues.push({ code: "custom", message: `cannot be read: ${message}.`, input: list });
    return z.NEVER;
  });
}

const systemPrompt =
  "You are a helpful assistant in a chat. Answer in the language of the question, to the point, in Markdown where it helps.";

/** All settings by the names of their variables. */
export const settings = z.object({
  TELEGRAM_BOT_TOKEN: optional(secret("a Telegram bot token", /^\d{6,}:[\w-]{30,}$/), {
    group: "Telegram",
    about: "The bot's token from [@BotFather](https://t.me/BotFather). Setting it connects Telegram.",
    example: "123456789:the-35-characters-that-BotFather-gave",
    secret: true,
  }),
  TELEGRAM_API_ROOT: withDefault(baseUrl(), "https://api.telegram.org", {
    group: "Telegram",
    about: "The Bot API server; change it for a local one.",
    example: "http://127.0.0.1:8081",
  }),
  TELEGRAM_WEBHOOK_URL: optional(webhookUrl, {
    group: "Telegram",
    about:
      "Where Telegram is to deliver: an `https://` address that reaches `PORT` of every gateway, its path unchanged. Parley sets the webhook by itself. Unset: long polling, which needs no address.",
    example: "https://parley.example.org/telegram",
  }),
  TELEGRAM_WEBHOOK_SECRET: optional(webhookSecret, {
    group: "Telegram",
    about:
      "What Telegram proves itself with at every delivery: 16 to 256 of the characters A–Z, a–z, 0–9, `_` and `-`, as `openssl rand -hex 32` prints. Needed with `TELEGRAM_WEBHOOK_URL`.",
    example: "64-characters-that-openssl-rand-hex-32-printed",
    secret: true,
  }),
  TELEGRAM_STREAMING: withDefault(oneOf(["edit", "draft"]), "edit", {
    group: "Telegram",
    about:
      "How an answer is shown in private chats while it is written: `edit`: it is posted at its first words and edited; `draft`: as a draft with Telegram's own stop button, and only the finished answer is posted. Groups have edits only. `mode streaming` sets it for one place.",
    example: "draft",
  }),
  TELEGRAM_RICH: withDefault(oneOf(["off", "on"]), "off", {
    group: "Telegram",
    about:
      "`on`: answers are rich messages, in which Telegram draws headings, lists and tables itself. Off by default, for older apps show only that they cannot show them. What Telegram refuses goes out in the ordinary form.",
    example: "on",
  }),
  SLACK_BOT_TOKEN: optional(secret("a Slack bot token", /^xoxb-[\w-]{10,}$/), {
    group: "Slack",
    about: "The app's bot token (OAuth & Permissions), for one workspace. Setting it connects Slack.",
    example: "xoxb-your-bot-token",
    secret: true,
  }),
  SLACK_APP_TOKEN: optional(secret("a Slack app token", /^xapp-[\w-]{10,}$/), {
    group: "Slack",
    about:
      "An app-level token with `connections:write` (Basic Information → App-Level Tokens). Set, it means Socket Mode, whatever else is set.",
    example: "xapp-your-app-level-token",
    secret: true,
  }),
  SLACK_SIGNING_SECRET: optional(secret("a Slack signing secret", /^[\w-]{16,}$/), {
    group: "Slack",
    about:
      "The app's signing secret (Basic Information → App Credentials). Without `SLACK_APP_TOKEN` it means that Slack delivers by HTTP, to `/slack/events` on `PORT`. One of the two has to be set.",
    example: "the-32-characters-of-the-signing-secret",
    secret: true,
  }),
  ...slackInstallSettings,
  SLACK_API_URL: withDefault(baseUrl("/api/"), "https://slack.com/api/", {
    group: "Slack",
    about: "The Web API; ends in `/api/`.",
    example: "https://slack.com/api/",
  }),
  SLACK_DM: withDefault(oneOf(["threads", "flat"]), "threads", {
    group: "Slack",
    about:
      "Direct messages: `threads`: every message outside a thread opens a conversation of its own in a thread; `flat`: the direct message outside its threads is one conversation.",
    example: "flat",
  }),
  SLACK_STREAMING: withDefault(oneOf(["edit", "native"]), "edit", {
    group: "Slack",
    about:
      "How an answer is shown in a thread while it is written: `edit`: it is posted at its first words and edited; `native`: by Slack's own streaming, about 14 answers a minute in a workspace, the others as with `edit`. In channels only the asker then sees the text grow. `mode streaming` sets it for one place.",
    example: "native",
  }),
  SLACK_THREADS: withDefault(oneOf(["mention", "threads", "all"]), "threads", {
    group: "Slack",
    about:
      "In channels: `mention`: answers only when mentioned; `threads`: in threads where it takes part also what is addressed to nobody else; `all`: every message of the threads where it takes part. `mode threads` sets it for one place.",
    example: "mention",
  }),
  OPENAI_API_KEY: optional(secret("an OpenAI key"), {
    group: "Model",
    about: "The key of the chat API. May be left out with `OPENAI_BASE_URL`, for servers that take none.",
    example: "sk-your-key-of-the-chat-api",
    secret: true,
  }),
  OPENAI_BASE_URL: optional(baseUrl(), {
    group: "Model",
    about: "Another server that speaks the OpenAI chat API. Without it: `https://api.openai.com/v1`.",
    example: "http://127.0.0.1:11434/v1",
  }),
  OPENAI_ORGANIZATION: optional(line, {
    group: "Model",
    about: "The organisation that requests are booked to, where a key has several.",
    example: "org-abc123",
  }),
  OPENAI_PROJECT: optional(line, {
    group: "Model",
    about: "The project that requests are booked to, where a key has several.",
    example: "proj_abc123",
  }),
  OPENAI_MODEL: optional(line, {
    group: "Model",
    about:
      "The model that answers. It has no default; when it is missing, the error lists what the server offers.",
    example: "gpt-6-luna",
  }),
  OPENAI_FIRST_TOKEN_TIMEOUT: withDefault(wholeNumber("milliseconds", 1_000, 3_600_000), "600000", {
    group: "Model",
    about:
      "How long the first event of an answer may take, in milliseconds. Models that think first need minutes.",
    example: "600000",
  }),
  ...limitSettings,
  ...endpointSettings,
  CONTEXT_TOKENS: withDefault(wholeNumber("tokens", 100, 10_000_000), "16000", {
    group: "Model",
    about:
      "How much of a conversation is sent along, in tokens: the system prompt and as many whole newest messages as fit, never more than the model takes.",
    example: "32000",
  }),
  SYSTEM_PROMPT: withDefault(text, systemPrompt, {
    group: "Model",
    about: "What the model is told before every conversation.",
    example: '"You are the help desk of Example Ltd. Answer briefly."',
  }),
  ...proxySettings,
  ALLOW: optional(entries(), {
    group: "Access",
    about:
      "Who is answered, separated by commas: `telegram:<user id>` that person in private · `telegram:<group id>` (negative) everyone in that group · `telegram:*` everybody · `slack:T…` the full members of that workspace · `slack:T…/U…` that person (T is always your own workspace), guests and people of other workspaces too · `slack:*` everybody. Empty: on Telegram nobody; on Slack the full members of the workspace where the app is installed, who are always allowed. A refusal names the entry that would allow it. The commands `allow` and `deny` decide on top of it while the program runs: see [access](access.md).",
    example: "telegram:123456789,telegram:-1001234567890,slack:T0123ABCD/U0456EFGH",
  }),
  ADMINS: optional(entries(["person", "private"]), {
    group: "Access",
    about:
      "Who owns this bot, separated by commas: `telegram:<user id>`, `slack:T…/U…`; they are always answered. Empty: the terminal prints a one-time `/start <code>` that makes its sender the owner. Owners make admins by the command `admins`: see [access](access.md).",
    example: "telegram:123456789",
  }),
  INSECURE_HOSTS: optional(hostList, {
    group: "Access",
    about:
      "Hosts to which plain `http://` is accepted although they are not this machine, separated by commas; a metadata address must be named here as well. Only for networks you trust.",
    example: "ollama,10.0.0.5",
  }),
  REDIS_URL: optional(redisAddress, {
    group: "Redis",
    about:
      "`redis://`, `rediss://` or the path of a Unix socket. Without it `ROLE=all` starts a private Redis with its data in `.parley/`; `gateway` and `worker` refuse to start. One database per installation: two different bots must not share one.",
    example: "redis://127.0.0.1:6379/0",
    secret: true,
  }),
  REDIS_UNSAFE: withDefault(oneOf(["refuse", "accept"]), "refuse", {
    group: "Redis",
    about:
      "What happens when Redis is known to lose data (`appendonly` off, `appendfsync` not `always`, an eviction policy other than `noeviction`): `refuse` to start, or `accept` it.",
    example: "accept",
  }),
  HISTORY_DAYS: withDefault(wholeNumber("days", 1, 3_650), "30", {
    group: "Redis",
    about: "How long a conversation is remembered after its last message, in days.",
    example: "7",
  }),
  ROLE: withDefault(oneOf(["all", "gateway", "worker"]), "all", {
    group: "Processes",
    about:
      "`all`: everything in one process. `gateway`: only receives. `worker`: only answers; start as many as you like.",
    example: "worker",
  }),
  LISTEN_HOST: withDefault(line, "127.0.0.1", {
    group: "Processes",
    about: "The address on which `/livez` and `/readyz` are served, and what platforms deliver by HTTP.",
    example: "0.0.0.0",
  }),
  PORT: withDefault(wholeNumber("a port", 0, 65_535), "3000", {
    group: "Processes",
    about: "The port for it; 0 lets the operating system choose.",
    example: "8080",
  }),
  CONCURRENCY: withDefault(wholeNumber("turns", 1, 10_000), "500", {
    group: "Processes",
    about: "How many answers one worker writes at a time.",
    example: "100",
  }),
  SHUTDOWN_GRACE_MS: withDefault(wholeNumber("milliseconds", 0, 600_000), "8000", {
    group: "Processes",
    about:
      "After SIGTERM: how long running answers may still finish, in milliseconds; the rest is handed to other workers. Keep it below the time your container runtime allows (10 s by default).",
    example: "8000",
  }),
  LATE_MESSAGES: withDefault(oneOf(["ask", "answer"]), "ask", {
    group: "Processes",
    about:
      "What happens to questions that came while Parley was away: `ask`: one sentence a conversation and hour asks whether they are still wanted, and they are remembered; `answer`: they are answered like any other.",
    example: "answer",
  }),
  LATE_AFTER_MS: withDefault(wholeNumber("milliseconds", 0, 86_400_000), "600000", {
    group: "Processes",
    about:
      "From which age on a question counts as such, in milliseconds: so long the platform kept it, or nobody took it. Parley's own waits do not count. 0: never. Used with `LATE_MESSAGES=ask`.",
    example: "600000",
  }),
  LOG_LEVEL: withDefault(oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]), "info", {
    group: "Processes",
    about:
      "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. No level shows message texts or secrets.",
    example: "debug",
  }),
  ...patienceSettings,
  TELEGRAM_RATE_GLOBAL: withDefault(rate, "30/s", {
    group: "Starting rates",
    about: "Calls of the bot in all chats together.",
    example: "30/s",
  }),
  TELEGRAM_RATE_CHAT: withDefault(rate, "1/s", {
    group: "Starting rates",
    about: "Posts and edits in one private chat.",
    example: "1/s",
  }),
  TELEGRAM_RATE_GROUP: withDefault(rate, "20/min", {
    group: "Starting rates",
    about: "Posts and edits in one group.",
    example: "20/min",
  }),
  SLACK_RATE_UPDATE: withDefault(rate, "45/min", {
    group: "Starting rates",
    about: "`chat.update` in one workspace.",
    example: "45/min",
  }),
  SLACK_RATE_POST: withDefault(rate, "1/s", {
    group: "Starting rates",
    about: "`chat.postMessage` in one channel.",
    example: "1/s",
  }),
});

/** The name of a setting. */
export type SettingName = keyof typeof settings.shape;

/** All settings, read. */
export type Settings = z.output<typeof settings>;

/** The names of all settings. */
export const settingNames = settings.keyof().options;
