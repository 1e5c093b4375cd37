/** Environment and `.env` → Config. The only reader of `process.env`. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { combinationProblems, isModelNeeded } from "./config/combinations.ts";
import { parseDotenv } from "./config/dotenv.ts";
import {
  type EndpointConfig,
  type OpenAiAccess,
  type ReadEndpoints,
  readEndpoints,
} from "./config/endpoints.ts";
import { accessForms } from "./config/platforms.ts";
import { type Problem, showValue, unknownName } from "./config/problems.ts";
import { Secret } from "./config/secret.ts";
import { factsOf, type SettingName, type Settings, settingNames, settings } from "./config/settings.ts";
import { type SlackAccessConfig, toSlackAccess } from "./config/slack-access.ts";
import type { Rate } from "./config/values.ts";
import { warningsOf } from "./config/warnings.ts";
import type { AccessRules } from "./core/access.ts";
import type { Patience } from "./core/patience.ts";

/** What the Telegram adapter is told. */
export interface TelegramConfig {
  readonly botToken: Secret;
  /** Without a trailing slash. */
  readonly apiRoot: string;
  readonly proxyUrl: Secret | undefined;
  /** Undefined: long polling. */
  readonly webhook: { readonly url: string; readonly secret: Secret } | undefined;
  readonly streaming: "edit" | "draft";
  readonly rich: "off" | "on";
  readonly rates: { readonly global: Rate; readonly chat: Rate; readonly group: Rate };
}

/** What the Slack adapter is told. */
export interface SlackConfig {
  readonly access: SlackAccessConfig;
  /** How Slack's events come: the app token opens sockets, the signing secret proves requests. */
  readonly delivery:
    | { readonly kind: "socket"; readonly appToken: Secret }
    | { readonly kind: "http"; readonly signingSecret: Secret };
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly proxyUrl: Secret | undefined;
  readonly dm: "threads" | "flat";
  readonly streaming: "edit" | "native";
  readonly threads: "mention" | "threads" | "all";
  readonly rates: { readonly update: Rate; readonly post: Rate };
}

/** How chat APIs are used. */
export interface OpenAiConfig {
  readonly model: string;
  readonly firstTokenTimeoutMs: number;
  /** In the operator's order, at least one. */
  readonly endpoints: readonly EndpointConfig[];
}

/** Everything that can be set, read once and frozen. Secrets in it show as `[secret]` wherever it is printed. */
export interface Config {
  readonly role: "all" | "gateway" | "worker";
  /** Undefined: not connected. Both undefined: the playground. */
  readonly telegram: TelegramConfig | undefined;
  readonly slack: SlackConfig | undefined;
  /** Undefined where no model is called: in a gateway, and in the playground with its demo model. */
  readonly openai: OpenAiConfig | undefined;
  readonly context: { readonly tokens: number; readonly systemPrompt: string };
  /** `url` may hold a password. Undefined: a private Redis. */
  readonly redis: { readonly url: Secret | undefined; readonly acceptUnsafe: boolean };
  readonly historyDays: number;
  /** From which age on a question is asked about instead of answered; 0: all are answered. */
  readonly lateAfterMs: number;
  readonly patience: Patience;
  readonly access: AccessRules;
  readonly listen: { readonly host: string; readonly port: number };
  readonly concurrency: number;
  readonly shutdownGraceMs: number;
  readonly logLevel: Settings["LOG_LEVEL"];
  /** Sentences for the terminal: allowed, but to be known. */
  readonly warnings: readonly string[];
}

/** What reading came to: a configuration, or everything that is wrong with it. */
export type ConfigResult =
  | { readonly config: Config }
  | {
      readonly problems: readonly Problem[];
      /** How to ask the chat API for its models, where a problem wants that and the rest of the access is right. */
      readonly access: OpenAiAccess | undefined;
    };

/** Variables by name; empty counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the caller has decided before reading. */
export interface ReadOptions {
  /** `--model`: the playground talks to the configured model, which is then needed. */
  readonly model?: boolean;
  /** Reads the file that a setting names, relative to wherever the settings are from; absent: none can be read. */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads the configuration. Pure.
 * @param environment wins over `.env`
 * @param dotenv the text of `.env`; empty when there is none
 */
export function readConfig(
  environment: Environment,
  dotenv: string,
  options: ReadOptions = {},
): ConfigResult {
  const file = parseDotenv(dotenv);
  const variables = { ...file.variables, ...withoutEmpty(environment) };
  const given = pickKnown(variables);
  const parsed = settings.safeParse(given);
  const listed = listedEndpoints(given, variables, options);
  const problems = [
    ...file.problems,
    ...unknownNames(environment, file.variables, listed?.keyNames ?? []),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => valueProblem(issue, given))),
    ...combinationProblems(given, options.model ?? false),
    ...(listed?.problems ?? []),
  ];
  if (parsed.success && problems.length === 0) {
    return { config: deepFreeze(toConfig(parsed.data, options.model ?? false, listed?.endpoints)) };
  }
  return { problems, access: listed === undefined ? toAccess(given) : listed.endpoints[0] };
}

/** Undefined: `ENDPOINTS` is not set. */
function listedEndpoints(
  given: Partial<Record<SettingName, string>>,
  variables: Environment,
  { readFile = withoutFiles }: ReadOptions,
): ReadEndpoints | undefined {
  if (given.ENDPOINTS === undefined) return undefined;
  const { OPENAI_PROXY_URL: proxy, OPENAI_MODEL: model } = given;
  const proxyUrl = proxy === undefined ? undefined : new Secret(proxy);
  const trustedHosts = (given.INSECURE_HOSTS ?? "").toLowerCase().split(/[\s,]+/);
  const read = readEndpoints(given.ENDPOINTS, { variables, readFile, proxyUrl, trustedHosts });
  const isServed = read.endpoints.some(({ models }) => models?.has(model?.trim() ?? "") ?? true);
  if (isServed || model === undefined || read.problems.length > 0) return read;
  const message = "is served by none of ENDPOINTS.";
  return { ...read, problems: [{ name: "OPENAI_MODEL", message, got: showValue(model, false) }] };
}

function withoutFiles(path: string): never {
  throw new Error(`Nothing can be read of ${path} here.`);
}

/** Reads `process.env` and the `.env` in `folder`. */
export function loadConfig(folder: string, options: ReadOptions = {}): ConfigResult {
  const readFile = (path: string) => readFileSync(resolve(folder, path), "utf8");
  return readConfig(process.env, readDotenv(folder), { readFile, ...options });
}

function readDotenv(folder: string): string {
  try {
    return readFileSync(`${folder}/.env`, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function withoutEmpty(variables: Environment): Record<string, string> {
  const set = Object.entries(variables).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(set);
}

function pickKnown(variables: Environment): Partial<Record<SettingName, string>> {
  const known: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const value = variables[name];
    if (value !== undefined && value !== "") known[name] = value;
  }
  return known;
}

/** In `.env` every name must be one of ours; in the environment, where others' stand too, only those of a platform. */
function unknownNames(environment: Environment, file: Environment, alsoKnown: readonly string[]): Problem[] {
  const known: readonly string[] = [...settingNames, ...alsoKnown];
  const ours = Object.keys(environment).filter((name) => /^(TELEGRAM|SLACK)_/i.test(name));
  const names = new Set([...Object.keys(file), ...ours]);
  return [...names].filter((name) => !known.includes(name)).map((name) => unknownName(name, known));
}

function valueProblem(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  given: Partial<Record<SettingName, string>>,
): Problem {
  const name = settingNames.find((candidate) => candidate === issue.path[0]);
  if (name === undefined) return { name: String(issue.path[0]), message: issue.message };
  const { secret, example } = factsOf(name);
  const got = showValue(given[name] ?? "", secret ?? false);
  return { name, message: issue.message, got, example: `${name}=${example}` };
}

function toAccess(given: Partial<Record<SettingName, string>>): OpenAiAccess | undefined {
  if (given.OPENAI_API_KEY === undefined && given.OPENAI_BASE_URL === undefined) return undefined;
  const names = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_PROXY_URL",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT",
  ] as const;
  const relevant = Object.fromEntries(names.map((name) => [name, given[name]]));
  const parsed = settings.safeParse(relevant);
  const exposed = combinationProblems(given, false).some(({ name }) => name === "OPENAI_BASE_URL");
  return parsed.success && !exposed ? openAiAccess(parsed.data) : undefined;
}

function openAiAccess(values: Settings): OpenAiAccess {
  return {
    apiKey: values.OPENAI_API_KEY,
    baseUrl: values.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
    proxyUrl: values.OPENAI_PROXY_URL,
    organization: values.OPENAI_ORGANIZATION,
    project: values.OPENAI_PROJECT,
  };
}

function toConfig(values: Settings, model: boolean, listed: readonly EndpointConfig[] | undefined): Config {
  return {
    role: values.ROLE,
    telegram: toTelegram(values),
    slack: toSlack(values),
    openai: toOpenAi(values, model, listed),
    context: { tokens: values.CONTEXT_TOKENS, systemPrompt: values.SYSTEM_PROMPT },
    redis: { url: values.REDIS_URL, acceptUnsafe: values.REDIS_UNSAFE === "accept" },
    historyDays: values.HISTORY_DAYS,
    lateAfterMs: values.LATE_MESSAGES === "ask" ? values.LATE_AFTER_MS : 0,
    patience: toPatience(values),
    access: { forms: accessForms, allow: values.ALLOW ?? [], admins: values.ADMINS ?? [] },
    listen: { host: values.LISTEN_HOST, port: values.PORT },
    concurrency: values.CONCURRENCY,
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    logLevel: values.LOG_LEVEL,
    warnings: warningsOf(values),
  };
}

function toTelegram(values: Settings): TelegramConfig | undefined {
  if (values.TELEGRAM_BOT_TOKEN === undefined) return undefined;
  return {
    botToken: values.TELEGRAM_BOT_TOKEN,
    apiRoot: values.TELEGRAM_API_ROOT,
    proxyUrl: values.TELEGRAM_PROXY_URL,
    webhook: toWebhook(values),
    streaming: values.TELEGRAM_STREAMING,
    rich: values.TELEGRAM_RICH,
    rates: {
      global: values.TELEGRAM_RATE_GLOBAL,
      chat: values.TELEGRAM_RATE_CHAT,
      group: values.TELEGRAM_RATE_GROUP,
    },
  };
}

function toPatience(values: Settings): Patience {
  return {
    personPerMinute: values.PERSON_MESSAGES_PER_MINUTE,
    conversationPerMinute: values.CONVERSATION_MESSAGES_PER_MINUTE,
    personWaiting: values.PERSON_WAITING,
    conversationWaiting: values.CONVERSATION_WAITING,
    conversationsWaiting: values.CONVERSATIONS_WAITING,
    waitingMs: values.WAITING_MS,
    otherBots: values.OTHER_BOTS === "on",
  };
}

function toWebhook(values: Settings): TelegramConfig["webhook"] {
  const { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } = values;
  return url === undefined || secret === undefined ? undefined : { url, secret };
}

function toSlack(values: Settings): SlackConfig | undefined {
  const delivery = toSlackDelivery(values);
  const access = toSlackAccess(values);
  if (access === undefined || delivery === undefined) return undefined;
  return {
    access,
    delivery,
    apiUrl: values.SLACK_API_URL,
    proxyUrl: values.SLACK_PROXY_URL,
    dm: values.SLACK_DM,
    streaming: values.SLACK_STREAMING,
    threads: values.SLACK_THREADS,
    rates: { update: values.SLACK_RATE_UPDATE, post: values.SLACK_RATE_POST },
  };
}

/** An app token means Socket Mode, whatever else is set. */
function toSlackDelivery(values: Settings): SlackConfig["delivery"] | undefined {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = values;
  if (appToken !== undefined) return { kind: "socket", appToken };
  return signingSecret === undefined ? undefined : { kind: "http", signingSecret };
}

function toOpenAi(
  values: Settings,
  model: boolean,
  listed: readonly EndpointConfig[] | undefined,
): OpenAiConfig | undefined {
  if (values.OPENAI_MODEL === undefined || !isModelNeeded(values, model)) return undefined;
  const only = {
    ...openAiAccess(values),
    models: undefined,
    caps: {
      requestsPerMinute: values.OPENAI_RPM,
      tokensPerMinute: values.OPENAI_TPM,
      requestsPerDay: values.OPENAI_RPD,
      tokensPerDay: values.OPENAI_TPD,
    },
  };
  return {
    model: values.OPENAI_MODEL,
    firstTokenTimeoutMs: values.OPENAI_FIRST_TOKEN_TIMEOUT,
    endpoints: listed ?? [only],
  };
}

/** Secrets are left as they are: their value is private already. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
  return value;
}
