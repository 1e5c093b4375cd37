/** `npm run check`: tries everything out that the configuration names, without serving anybody. */

import type { Redis } from "ioredis";
import type { Secret } from "../config/secret.ts";
import type { Config } from "../config.ts";
import type { ChatApi } from "../core/chat-api.ts";
import { ChatApiError } from "../core/errors.ts";
import { askRedis } from "./ask-redis.ts";
import type { InstallsSurvey } from "./check-installs.ts";
import { bad, type CheckLine, formatLine, note, ok, proxyWorks } from "./check-lines.ts";
import { checkRedis } from "./check-redis.ts";
import { checkSlack, scopesOrNote } from "./check-slack.ts";
import { checkTelegram } from "./check-telegram.ts";
import { explainRedis } from "./explain-redis.ts";
import { findRedisServer } from "./redis-server.ts";

/** What the check talks through. */
export interface CheckParts {
  /** One for each configured endpoint, in order. */
  readonly chatApis: readonly ChatApi[];
  /** The Slack manifest whose scopes are wanted; ours when absent. */
  readonly manifest?: string;
  /** Who has installed the bot. */
  readonly survey: InstallsSurvey;
  /** Writes one line to the terminal. */
  readonly say: (line: string) => void;
}

/** How long the model may take for its first word, in ms. */
const modelMs = 60_000;

/**
 * Tries out platforms, model and Redis at once and says what it found, in that order.
 * @returns false when something has to be mended before a start
 */
export async function check(config: Config, parts: CheckParts): Promise<boolean> {
  const groups = await Promise.all([
    checkPlatforms(config, parts),
    checkModels(config, parts.chatApis),
    checkConfiguredRedis(config),
    Promise.resolve(config.warnings.map(note)),
  ]);
  const lines = groups.flat();
  for (const line of lines) parts.say(formatLine(line));
  const faults = lines.filter(({ mark }) => mark === "bad").length;
  parts.say(faults === 0 ? "All of it works." : toMend(faults));
  return faults === 0;
}

function toMend(faults: number): string {
  return faults === 1 ? "One thing has to be mended." : `${faults} things have to be mended.`;
}

async function checkPlatforms(
  config: Config,
  { manifest, survey }: CheckParts,
): Promise<readonly CheckLine[]> {
  const { telegram, slack } = config;
  if (telegram === undefined && slack === undefined) {
    return [note("No platform is set: npm start opens the playground.")];
  }
  const { scopes, lines } = scopesOrNote(manifest);
  const found = await Promise.all([
    telegram === undefined ? [] : checkTelegram(telegram),
    slack === undefined ? [] : checkSlack(slack, scopes, survey),
    slack === undefined ? [] : lines,
  ]);
  return found.flat();
}

/** Every endpoint is asked for the configured model, or for the first of its own where it does not serve that. */
async function checkModels({ openai }: Config, chatApis: readonly ChatApi[]): Promise<readonly CheckLine[]> {
  if (openai === undefined) return [];
  const { endpoints, model } = openai;
  const found = await Promise.all(
    chatApis.map(async (chatApi, index) => {
      const endpoint = endpoints[index];
      const name =
        endpoint?.models === undefined
          ? model
          : (endpoint.models.get(model) ?? [...endpoint.models.values()][0]);
      if (endpoint === undefined || name === undefined) return [];
      const at = endpoints.length === 1 ? "" : ` at ${new URL(endpoint.baseUrl).host}`;
      return await checkModel({ chatApi, name, proxyUrl: endpoint.proxyUrl, shown: `${name}${at}` });
    }),
  );
  return found.flat();
}

async function checkModel({
  chatApi,
  name,
  proxyUrl,
  shown,
}: {
  readonly chatApi: ChatApi;
  readonly name: string;
  readonly proxyUrl: Secret | undefined;
  readonly shown: string;
}): Promise<readonly CheckLine[]> {
  const messages = [{ role: "user", content: "Answer with the word yes." }] as const;
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(modelMs);
  try {
    for await (const event of chatApi.stream({ model: name, messages }, signal)) {
      if (event.kind === "end" && signal.aborted)
        return [bad(`The model ${shown} said nothing for ${modelMs / 1_000} s.`)];
      if (event.kind === "left-out") continue;
      const took = `${Math.round(performance.now() - startedAt)} ms`;
      if (event.kind === "text") {
        const answers = ok(`The model ${shown} answers (first words after ${took}).`);
        return [...proxyWorks("The model", proxyUrl), answers];
      }
      const odd = `answers, but gave no text to a short question (${event.finish}, ${took}).`;
      return [note(`The model ${shown} ${odd}`)];
    }
    return [bad(`The model ${shown} gave no answer.`)];
  } catch (error) {
    if (error instanceof ChatApiError) return [bad(`The model ${shown}: ${error.message}`)];
    throw error;
  }
}

async function checkConfiguredRedis(config: Config): Promise<readonly CheckLine[]> {
  const { url, acceptUnsafe } = config.redis;
  if (url === undefined) return [await checkProgram()];
  try {
    return await askRedis(url.reveal(), (redis) => describeRedis(redis, acceptUnsafe));
  } catch (error) {
    return [bad(`Redis: ${explainRedis(error, url.reveal())}`)];
  }
}

async function describeRedis(redis: Redis, acceptUnsafe: boolean): Promise<readonly CheckLine[]> {
  const { version, bad: faults, unknown, refuses, slow } = await checkRedis(redis);
  return [
    ok(`Redis ${version ?? "(version unknown)"} answers.`),
    ...faults.map((fault) =>
      acceptUnsafe ? note(`Redis: ${fault} (accepted by REDIS_UNSAFE)`) : bad(`Redis: ${fault}`),
    ),
    ...unknown.map((fault) => note(`Redis: ${fault}`)),
    ...refuses.map((fault) => bad(`Redis: ${fault}`)),
    ...slow.map((fault) => note(`Redis: ${fault}`)),
    ...(faults.length + unknown.length === 0
      ? [ok("Redis: persistence and eviction policy are right.")]
      : []),
  ];
}

async function checkProgram(): Promise<CheckLine> {
  const search = await findRedisServer();
  switch (search.kind) {
    case "found":
      return ok(
        `Redis: none is set; a private one is started from ${search.server.program} ${search.server.version}.`,
      );
    case "old":
      return bad(
        `Redis: ${search.server.program} ${search.server.version} is too old; 6.2 or newer is needed.`,
      );
    case "missing":
      return bad(
        "Redis: REDIS_URL is not set, and there is no redis-server or valkey-server on this machine.",
      );
    default:
      return search satisfies never;
  }
}
