/** A whole installation on loopback: Redis, both platforms, a chat API, and Parley in this process or in several. */

import { setTimeout as sleep } from "node:timers/promises";
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
import type { ConversationId } from "../../src/core/conversation.ts";
import type { Timing } from "../../src/core/timing.ts";
import { createKeys, queues } from "../../src/queue/keys.ts";
import { type Service, startService } from "../../src/service.ts";
import { commonVariables, ratesOff, toConfig, type Variables } from "./config.ts";
import { watchLeaks } from "./leaks.ts";
import { ProcessPool, type ServiceProcess } from "./processes.ts";
import { startTestProxy, type TestProxy } from "./proxy.ts";
import { startTestRedis, type TestRedis } from "./redis.ts";
import { SlackPerson } from "./slack-person.ts";
import { TelegramPerson } from "./telegram-person.ts";
import { fastTiming } from "./timing.ts";
import { byWebhook, type DeliveryWays, WaysIn } from "./ways-in.ts";

/** Where nobody is killed, a machine that is busy must look neither like a dead worker nor like a silent model. */
const unhurried = { lockMs: 10_000, streamIdleMs: 30_000 };

/** How a world is set up. */
export interface WorldOptions extends DeliveryWays {
  /** Where people write; default both. */
  readonly platforms?: readonly ("telegram" | "slack")[];
  /** `inside` (default): Parley runs in this process. A pool: its processes are started by {@link World.start}. */
  readonly processes?: "inside" | ProcessPool;
  /** Settings beside {@link commonVariables}. */
  readonly variables?: Variables;
  readonly timing?: Partial<Timing>;
  /** What the chat API offers; default one model. */
  readonly models?: readonly string[];
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
  readonly #ways: WaysIn;
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
    this.#ways = new WaysIn(parts, options);
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

  /** What stands in the files that the bot has sent. */
  files(): readonly string[] {
    const onTelegram = this.telegram.chats.flatMap((chat) => this.telegram.visible(chat));
    const onSlack = this.slack.workspace.messages.flatMap(({ files }) => files);
    return [
      ...onTelegram.flatMap(({ document }) => document?.text ?? []),
      ...onSlack.map(({ content }) => content),
    ];
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
    if (variables.ROLE !== "worker") await this.#ways.leadTo(service.port);
    return service;
  }

  /** Starts Parley in a process of its own, with a proxy of its own before Redis. */
  async start(role: Role, variables: Variables = {}): Promise<Member> {
    const pool = this.#options.processes;
    if (!(pool instanceof ProcessPool)) throw new Error("This world has no pool of processes");
    const [process, proxy] = await Promise.all([pool.take(), startTestProxy(this.redis.socket)]);
    const member = { process, proxy };
    this.#members.push(member);
    const port = await process.start({
      variables: this.#variables(role, variables),
      redisUrl: proxy.url,
      timing: this.timing,
    });
    if (role !== "worker") await this.#ways.leadTo(port, process);
    return member;
  }

  /** Every process that was ever started. */
  get members(): readonly Member[] {
    return this.#members;
  }

  get timing(): Timing {
    const calm = this.#options.processes instanceof ProcessPool ? {} : unhurried;
    return { ...fastTiming, ...calm, ...this.#options.timing };
  }

  /** Resolves when every platform delivers to a running service. */
  async isConnected(): Promise<void> {
    await this.#ways.areOpen(this.#options.platforms ?? ["telegram", "slack"]);
  }

  /** Resolves when nothing waits, runs or is to be repaired any more. */
  async isQuiet(deadlineMs = 60_000): Promise<void> {
    await this.#until(
      async () => (await this.#openWork(Object.values(queues))).length === 0,
      "quiet",
      deadlineMs,
    );
  }

  /** Resolves when every turn is over; replies may still be put back once more. */
  async turnsAreOver(deadlineMs = 60_000): Promise<void> {
    await this.#until(async () => (await this.#openWork([queues.turns])).length === 0, "over", deadlineMs);
  }

  /** Resolves when the running turns' journals hold `pages` pages in all: then no post is under way. */
  async hasRecorded(pages: number, deadlineMs = 60_000): Promise<void> {
    const isSo = async () => {
      const fields = (await this.#journals()).flatMap((journal) => Object.keys(journal));
      return fields.filter((field) => field.startsWith("page:")).length >= pages;
    };
    await this.#until(isSo, `${pages} pages recorded`, deadlineMs);
  }

  /** Resolves when `count` messages are accepted and not answered yet, running ones included. */
  async hasWaiting(count: number, deadlineMs = 60_000): Promise<void> {
    const isSo = async () => {
      const inboxes = await this.control.keys(createKeys().inbox("*" as ConversationId));
      const sizes = await Promise.all(inboxes.map((key) => this.control.zcard(key)));
      return sizes.reduce((sum, size) => sum + size, 0) === count;
    };
    await this.#until(isSo, `at ${count} waiting messages`, deadlineMs);
  }

  /** Resolves when a turn was given back, to go on later. */
  async hasReleased(deadlineMs = 60_000): Promise<void> {
    const isSo = async () =>
      (await this.#journals()).some(({ holder, finals }) => holder === "" && finals !== undefined);
    await this.#until(isSo, "given back", deadlineMs);
  }

  /** Resolves when no running turn is in its `tries`-th run or beyond. */
  async triesAreBelow(tries: number, deadlineMs = 60_000): Promise<void> {
    const isSo = async () => (await this.#journals()).every((journal) => Number(journal.tries ?? 0) < tries);
    await this.#until(isSo, `below ${tries} tries`, deadlineMs);
  }

  /** Resolves when the service in this process has logged `text`. */
  async hasLogged(text: string, deadlineMs = 60_000): Promise<void> {
    await this.#until(async () => this.logged(text).length > 0, `told "${text}"`, deadlineMs);
  }

  /** The lines with `text` that the service in this process has logged. */
  logged(text: string): readonly string[] {
    return this.log.filter((line) => line.includes(text));
  }

  async #journals(): Promise<readonly Readonly<Record<string, string>>[]> {
    const keys = await this.control.keys(createKeys().journal("*" as ConversationId));
    return await Promise.all(keys.map((key) => this.control.hgetall(key)));
  }

  /** Waits for `happening`; when it does not come, says what everybody was doing. */
  async within<T>(ms: number, what: string, happening: Promise<T>): Promise<T> {
    const patience = new AbortController();
    const late = sleep(ms, undefined, { signal: patience.signal }).then(async () => {
      const open = await this.#openWork(Object.values(queues));
      const logs = [
        this.log.slice(-20).join(""),
        ...this.#members.map(({ process }) => process.log.slice(-20).join("\n")),
      ];
      throw new Error(`Not ${what} within ${ms} ms. At work: ${open.join(", ")}\n${logs.join("\n---\n")}`);
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([happening, late]);
    } finally {
      patience.abort();
    }
  }

  /** Redis tells nobody of its changes, so it is asked again and again. */
  async #until(holds: () => Promise<boolean>, what: string, deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (!(await holds())) {
      if (performance.now() > deadline) {
        const open = await this.#openWork(Object.values(queues));
        throw new Error(`Not ${what} within ${deadlineMs} ms: ${open.join(", ")}`);
      }
      await sleep(15);
    }
  }

  async #openWork(names: readonly string[]): Promise<string[]> {
    const { prefix, pending } = createKeys();
    const lists = names.flatMap((name) => [`${prefix}:${name}:wait`, `${prefix}:${name}:active`]);
    const sets = [pending, ...names.map((name) => `${prefix}:${name}:delayed`)];
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
      ...(this.#options.telegramBy === "webhook" ? byWebhook : {}),
    };
    const ofSlack = {
      SLACK_BOT_TOKEN: slack.botToken,
      ...(this.#options.slackBy === "http"
        ? { SLACK_SIGNING_SECRET: slack.signingSecret }
        : { SLACK_APP_TOKEN: slack.appToken }),
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
  // As many tries as Slack's are patient: a gateway may take seconds to be there again.
  const socketTiming = {
    ackMs: 1_000,
    retryDelaysMs: [0, 250, 250, 500, 500, 1_000, 1_000, 2_000, 2_000, 5_000, 5_000, 5_000, 5_000],
  };
  const parts = {
    redis,
    control,
    telegram: stack.use(await startTelegramSimulator({ flood: "off", secondMs: 50, ...options.telegram })),
    slack: stack.use(await startSlackSimulator({ rates: "off", socketTiming, ...options.slack })),
    model: stack.use(
      await startModelSimulator({
        answer: answerTo,
        ...(options.models === undefined ? {} : { models: options.models }),
      }),
    ),
  };
  await using ending = new AsyncDisposableStack();
  const world = ending.use(new World(parts, options, stack.move()));
  if (options.processes === undefined || options.processes === "inside") {
    await world.startInside();
    await world.isConnected();
  }
  // From here on whoever asked for the world ends it.
  ending.move();
  return world;
}

/** What the simulated model says to a request unless a test decides otherwise. */
function answerTo({ messages }: Pick<SimulatedRequest, "messages">): string {
  return answerToText(messages.at(-1)?.content ?? "");
}

/** The answer to a question of this text. */
export function answerToText(question: string): string {
  return `You said ${question}.`;
}
