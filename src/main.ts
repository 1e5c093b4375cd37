/** The program: reads what is asked and configured, starts the role or the playground, ends in order. */

import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { createChatApi } from "./adapters/openai/index.ts";
import type { OpenAiAccess } from "./config/endpoints.ts";
import type { Config } from "./config.ts";
import { causeOf } from "./core/events.ts";
import { timing } from "./core/timing.ts";
import { parseArguments } from "./launch/arguments.ts";
import { check } from "./launch/check.ts";
import { withColour } from "./launch/check-lines.ts";
import { checkRedis } from "./launch/check-redis.ts";
import { explainRedis } from "./launch/explain-redis.ts";
import { createLog } from "./launch/log.ts";
import { useRedis } from "./launch/redis.ts";
import { StartRefused } from "./launch/refusal.ts";
import { requireConfig } from "./launch/start.ts";
import { accountOf } from "./models.ts";
import { offerOwnership } from "./queue/conversation-store.ts";
import { type Service, startService } from "./service.ts";
import { surveyWorkspaces } from "./survey.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Whoever checks wants to hear of a fault, not to wait until it passes. */
const checkRetryMs = 3_000;

/** How often Redis is asked again to keep the code for the first owner. */
const offerRetryMs = 5_000;

/** A second Ctrl-C this soon after the first is the same one: npm passes it on as well. */
const sameSignalMs = 1_000;

/**
 * Runs the program to its end.
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const task = parseArguments(args);
  if (task.kind === "exit") return task.code;
  try {
    const config = await requireConfig(
      folder,
      listModels,
      task.kind === "start" ? { model: task.model } : {},
    );
    if (task.kind === "check") return (await runCheck(config)) ? 0 : 1;
    const signal = endSignal();
    const isPlayground = config.telegram === undefined && config.slack === undefined;
    if (isPlayground) await playground(config, task.model, signal);
    else await serve(config, signal);
    return 0;
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function serve(config: Config, signal: AbortSignal): Promise<void> {
  const log = createLog(config);
  endOnDefect(log);
  for (const warning of config.warnings) log.warn(warning);
  await using stack = new AsyncDisposableStack();
  const say = (sentence: string) => log.info(sentence);
  const redis = stack.use(
    await useRedis(config.redis, { folder: join(folder, ".parley"), mayInstall: false, say }),
  );
  await Promise.race([requireSafeRedis(redis.url, config, log), aborted(signal)]);
  if (signal.aborted) return;
  const service = stack.use(
    await startService({
      config,
      redisUrl: redis.url,
      log,
      onGone: () => exitWithoutRedis((why) => log.fatal(why)),
    }),
  );
  await Promise.race([sayReady(service, config, log), aborted(signal)]);
  await aborted(signal);
  say("Stopping: running answers may end, the rest is handed over.");
}

/**
 * Bad persistence or eviction stops the start, unless the operator accepted it; what cannot be read is only said.
 * A Redis that does not answer yet is waited for.
 */
async function requireSafeRedis(url: string, config: Config, log: Logger): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.once("error", (error) => {
    // A server that answers by refusing is not waited for.
    if (error.name !== "ReplyError") log.warn(`Redis at ${explainRedis(error, url)} Waiting for it.`);
  });
  redis.on("error", () => undefined);
  try {
    const findings = await checkRedis(redis).catch((cause: unknown) => {
      throw new StartRefused(`Redis at ${explainRedis(cause, url)}`, { cause });
    });
    for (const sentence of [...findings.unknown, ...findings.refuses]) log.warn(`Redis: ${sentence}`);
    if (findings.bad.length === 0 || config.redis.acceptUnsafe) return;
    const faults = findings.bad.map((fault) => `- ${fault}`).join("\n");
    throw new StartRefused(
      `This Redis would lose messages:\n${faults}\nMend it, or accept that with REDIS_UNSAFE=accept.`,
    );
  } finally {
    redis.disconnect();
  }
}

async function sayReady(service: Service, config: Config, log: Logger): Promise<void> {
  const platforms = [config.telegram && "Telegram", config.slack && "Slack"].filter(
    (name) => name !== undefined,
  );
  log.info(
    `Parley (${config.role}) serves ${platforms.join(" and ")}. Health: port ${service.port}, /livez and /readyz.`,
  );
  if (config.role === "gateway" || config.access.admins.length > 0) return;
  const code = await offerPatiently(service, log);
  // Not through the log: whoever reads logs later must not find it.
  if (code === undefined) return;
  const ways = service.commandPrefixes.map((prefix) => `${prefix}start ${code}`).join("  or  ");
  process.stdout.write(`Nobody owns this bot yet. Send it: ${ways}\n`);
}

/** A Redis that refuses writes now may take them later: everything else waits for that as well. */
async function offerPatiently({ queue }: Service, log: Logger): Promise<string | undefined> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await offerOwnership(queue.redis, queue.keys);
    } catch (error) {
      const line = "Nobody owns this bot yet; the code for that is printed as soon as Redis takes it";
      if (isFirst) log.warn({ cause: causeOf(error) }, line);
      await delay(offerRetryMs);
    }
  }
}

async function playground(config: Config, useModel: boolean, signal: AbortSignal): Promise<void> {
  // Loaded only here: what serves people does not carry the simulators.
  const { startPlayground } = await import("../playground/start.ts").catch(withoutPlayground);
  await using opened = await startPlayground({
    config,
    useModel,
    folder: join(folder, ".parley"),
    onGone: () => exitWithoutRedis((why) => void process.stderr.write(`${why}\n`)),
  });
  await Promise.race([aborted(signal), opened.ended]);
}

/** The container's image carries neither playground nor simulators. */
function withoutPlayground(cause: unknown): never {
  const missing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
  if (!missing) throw cause;
  const sentence = "No platform is set, and this installation comes without the playground.";
  throw new StartRefused(`${sentence} Set TELEGRAM_BOT_TOKEN or SLACK_BOT_TOKEN: docs/configuration.md`, {
    cause,
  });
}

async function runCheck(config: Config): Promise<boolean> {
  const say = (line: string) => process.stdout.write(`${withColour(line)}\n`);
  const { openai } = config;
  const survey = () => surveyWorkspaces(config);
  await using stack = new AsyncDisposableStack();
  const chatApis = (openai?.endpoints ?? []).map((endpoint) =>
    stack.use(openChatApi(endpoint, openai?.firstTokenTimeoutMs ?? timing.chatRetryMs, checkRetryMs)),
  );
  return await check(config, { chatApis, survey, say });
}

function openChatApi(access: OpenAiAccess, firstTokenMs: number, chatRetryMs = timing.chatRetryMs) {
  return createChatApi({ ...accountOf(access), firstTokenMs, timing: { ...timing, chatRetryMs } });
}

async function listModels(access: OpenAiAccess, signal: AbortSignal): Promise<readonly string[]> {
  await using chatApi = openChatApi(access, timing.chatRetryMs);
  return (await chatApi.models(signal)).map(({ id }) => id);
}

/** A defect nobody caught ends the process: what is half done is taken over by journal, and its objects may hold secrets. */
function endOnDefect(log: Logger): void {
  const end = (error: unknown) => {
    log.fatal({ cause: causeOf(error) }, "an error that nobody caught; the process ends");
    process.exit(1);
  };
  process.on("unhandledRejection", end);
  process.on("uncaughtException", end);
}

/** Aborts at the first Ctrl-C or SIGTERM; a later one, not its echo, ends the process at once. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const end = () => {
    if (controller.signal.aborted && performance.now() - firstAt > sameSignalMs)
      process.kill(process.pid, "SIGKILL");
    if (controller.signal.aborted) return;
    firstAt = performance.now();
    controller.abort();
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  // The terminal was closed: the same as Ctrl-C, or the private Redis would outlive us.
  process.on("SIGHUP", end);
  return controller.signal;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** The watchdog's end: a process that cannot reach Redis holds turns back; its supervisor starts a new one. */
function exitWithoutRedis(say: (why: string) => void): void {
  say("Redis has not answered for too long; this process ends so that a fresh one can take over.");
  process.exit(1);
}
