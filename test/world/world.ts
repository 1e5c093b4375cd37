/** A whole installation on loopback: Redis, both platforms, a chat API, and Parley in this process or in several. */

import { Redis } from "ioredis";
import { pino } from "pino";
import { type ModelSimulator, startModelSimulator } from "../../simulator/model/index.ts";
import type { SimulatedRequest } from "../../simulator/model/script.ts";
import {
  type SlackSimulator,
  type SlackSimulatorOptions,
  startSlackSimulator,
} from "../../simulator/slack/simulator.ts";
import {
  startTelegramSimulator,
  type TelegramSimulator,
  type TelegramSimulatorOptions,
} from "../../simulator/telegram/index.ts";
import type { Timing } from "../../src/core/timing.ts";
import { createKeys, queues } from "../../src/queue/keys.ts";
import { type Service, startService } from "../../src/service.ts";
import { commonVariables, ratesOff, toConfig, type Variables } from "./config.ts";
import { watchLeaks } from "./leaks.ts";
import { ProcessPool, type ServiceProcess } from "./processes.ts";
import { startTestProxy, type TestProxy } from "./proxy.ts";
import { startTestRedis, type TestRedis } from "./redis.ts";
import { loadScripts } from "./scripts.ts";
import { SlackPerson } from "./slack-person.ts";
import { TelegramPerson } from "./telegram-person.ts";
import { fastTiming } from "./timing.ts";

/** How a world is set up. */
export interface WorldOptions {
  /** Where people write; default both. */
  readonly platforms?: readonly ("telegram" | "slack")[];
  /** `inside` (default): Parley runs in this process. A pool: its processes are started by {@link World.start}. */
  readonly processes?: "inside" | ProcessPool;
  /** Settings beside {@link commonVariables}. */
  readonly variables?: Variables;
  readonly timing?: Partial<Timing>;
  readonly telegram?: TelegramSimulatorOptions;
  readonly slack?: SlackSimulatorOptions;
}

/** Which part of Parley a process runs. */
export type Role = "all" | "gateway" | "worker";

/** A running process of Parley's and its way to Redis. */
export interface Member {
  readonly process: ServiceProcess;
  /** Between the process and Redis; absent when it was started without. */
  readonly proxy: TestProxy;
}

/** An installation under test. Disposing it ends everything and fails if something is left open. */
export class World implements AsyncDisposable {
  readonly redis: TestRedis;
  readonly telegram: TelegramSimulator;
  readonly slack: SlackSimulator;
  readonly model: ModelSimulator;
  /** For looking into the database. */
  readonly control: Redis;
  /** The service in this process. */
  service: Service | undefined;
  /** What the service in this process logged: one JSON line each. */
  readonly log: string[] = [];
  readonly #options: WorldOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #members: Member[] = [];
  #people = 0;

  constructor(
    parts: Pick<World, "redis" | "telegram" | "slack" | "model" | "control">,
    options: WorldOptions,
    stack: AsyncDisposableStack,
  ) {
    this.redis = parts.redis;
    this.telegram = parts.telegram;
    this.slack = parts.slack;
    this.model = parts.model;
    this.control = parts.control;
    this.#options = options;
    this.#stack = stack;
  }

  /** Somebody in a private chat with the bot on Telegram. */
  telegramPerson(name = `Ada${this.#nextPerson()}`): TelegramPerson {
    return new TelegramPerson(this.telegram, this.telegram.createUser({ firstName: name }));
  }

  /** Somebody in a direct message with the bot on Slack, in one thread of it. */
  slackPerson(name = `Bob${this.#nextPerson()}`, flat = false): SlackPerson {
    return new SlackPerson(this.slack, this.slack.createUser({ name }), undefined, flat);
  }

  /** Somebody on either platform. */
  person(platform: "telegram" | "slack"): TelegramPerson | SlackPerson {
    return platform === "telegram" ? this.telegramPerson() : this.slackPerson();
  }

  /** Starts Parley in this process. */
  async startInside(variables: Variables = {}): Promise<Service> {
    const write = (line: string) => {
      if (process.env.PARLEY_TEST_LOG) process.stderr.write(line);
      this.log.push(line);
    };
    const service = await startService({
      config: toConfig(this.#variables("all", variables)),
      redisUrl: this.redis.url,
      timing: this.timing,
      log: pino({ level: "debug", base: {} }, { write }),
      onGone: () => undefined,
    });
    this.service = service;
    this.#stack.use(service);
    return service;
  }

  /** Starts Parley in a process of its own, with a proxy of its own before Redis. */
  async start(role: Role, variables: Variables = {}): Promise<Member> {
    const pool = this.#options.processes;
    if (!(pool instanceof ProcessPool)) throw new Error("This world has no pool of processes");
    const [process, proxy] = await Promise.all([pool.take(), startTestProxy(this.redis.socket)]);
    const member = { process, proxy };
    this.#members.push(member);
    await process.start({
      variables: this.#variables(role, variables),
      redisUrl: proxy.url,
      timing: this.timing,
    });
    return member;
  }

  /** Every process that was ever started. */
  get members(): readonly Member[] {
    return this.#members;
  }

  get timing(): Timing {
    return { ...fastTiming, ...this.#options.timing };
  }

  /** Resolves when every platform delivers to a running service. */
  async isConnected(): Promise<void> {
    const platforms = this.#options.platforms ?? ["telegram", "slack"];
    await Promise.all([
      platforms.includes("telegram") ? this.telegram.until(() => this.telegram.polled) : undefined,
      platforms.includes("slack")
        ? this.slack.until(() => this.slack.socketMode.connections.length >= 2)
        : undefined,
    ]);
  }

  /** Resolves when nothing waits, runs or is to be repaired any more. */
  async isQuiet(deadlineMs = 30_000): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    let jobs: readonly string[] = [];
    do {
      jobs = await this.#openWork();
      if (jobs.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 15));
    } while (performance.now() < deadline);
    throw new Error(`Still at work after ${deadlineMs} ms: ${jobs.join(", ")}`);
  }

  async #openWork(): Promise<string[]> {
    const { prefix, pending } = createKeys();
    const lists = Object.values(queues).flatMap((queue) => [
      `${prefix}:${queue}:wait`,
      `${prefix}:${queue}:active`,
    ]);
    const sets = [pending, ...Object.values(queues).map((queue) => `${prefix}:${queue}:delayed`)];
    const sizes = this.control.pipeline();
    for (const key of lists) sizes.llen(key);
    for (const key of sets) sizes.zcard(key);
    const replies = (await sizes.exec()) ?? [];
    return [...lists, ...sets].flatMap((key, index) =>
      replies[index]?.[1] === 0 ? [] : [`${key}=${replies[index]?.[1]}`],
    );
  }

  #variables(role: Role, more: Variables): Variables {
    const { telegram, slack } = this;
    const platforms = this.#options.platforms ?? ["telegram", "slack"];
    const ofTelegram = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      ALLOW: "telegram:*",
    };
    const ofSlack = {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.url,
    };
    return {
      ...commonVariables,
      OPENAI_BASE_URL: this.model.url,
      ROLE: role,
      REDIS_URL: "redis://127.0.0.1:1",
      ...(platforms.includes("telegram") ? { ...ofTelegram, ...ratesOff.telegram } : {}),
      ...(platforms.includes("slack") ? { ...ofSlack, ...ratesOff.slack } : {}),
      ...this.#options.variables,
      ...more,
    };
  }

  #nextPerson(): number {
    this.#people += 1;
    return this.#people;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#members.map(async ({ process, proxy }) => {
        await process.kill();
        await proxy[Symbol.asyncDispose]();
      }),
    );
    await this.#stack.disposeAsync();
  }
}

/** Starts a world; with Parley inside it, resolves when every platform delivers. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const checkLeaks = watchLeaks();
  await using stack = new AsyncDisposableStack();
  if (options.processes === undefined || options.processes === "inside") stack.defer(checkLeaks);
  const redis = stack.use(await startTestRedis());
  const control = new Redis(redis.socket, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  control.on("error", () => undefined);
  stack.defer(() => control.disconnect());
  await loadScripts(control);
  const socketTiming = { ackMs: 1_500, retryDelaysMs: [0, 500, 2_000, 5_000] };
  const parts = {
    redis,
    control,
    telegram: stack.use(await startTelegramSimulator({ flood: "off", ...options.telegram })),
    slack: stack.use(await startSlackSimulator({ rates: "off", socketTiming, ...options.slack })),
    model: stack.use(await startModelSimulator({ answer: answerTo })),
  };
  const world = new World(parts, options, stack.move());
  if (options.processes === undefined || options.processes === "inside") {
    await world.startInside();
    await world.isConnected();
  }
  return world;
}

/** What the simulated model says to a request unless a test decides otherwise. */
export function answerTo({ messages }: Pick<SimulatedRequest, "messages">): string {
  return answerToText(messages.at(-1)?.content ?? "");
}

/** The answer to a question of this text. */
export function answerToText(question: string): string {
  return `You said ${question}.`;
}
