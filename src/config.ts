/** Environment and `.env` → Config. The only reader of `process.env`. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { combinationProblems } from "./config/combinations.ts";
import { parseDotenv } from "./config/dotenv.ts";
import type { EndpointConfig, OpenAiAccess } from "./config/endpoints.ts";
import { listedEndpoints, type OpenAiConfig, toOpenAi, toOpenAiAccess } from "./config/openai.ts";
import { accessForms } from "./config/platforms.ts";
import type { Problem } from "./config/problems.ts";
import type { Secret } from "./config/secret.ts";
import { type Settings, settings } from "./config/settings.ts";
import { type SlackConfig, toSlack } from "./config/slack.ts";
import { type TelegramConfig, toTelegram } from "./config/telegram.ts";
import { type Environment, pickKnown, unknownNames, valueProblem, withoutEmpty } from "./config/variables.ts";
import { warningsOf } from "./config/warnings.ts";
import type { AccessRules } from "./core/access.ts";
import type { Patience } from "./core/patience.ts";

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
  const listed = listedEndpoints(given, { variables, readFile: options.readFile ?? withoutFiles });
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
  return { problems, access: listed === undefined ? toOpenAiAccess(given) : listed.endpoints[0] };
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

/** Secrets are left as they are: their value is private already. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
  return value;
}
