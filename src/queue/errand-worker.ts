/** BullMQ's worker for commands and repairs. */

import { setTimeout as sleep } from "node:timers/promises";
import { DelayedError, type Job } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { CommandAnswer } from "../core/commands/command-answer.ts";
import type { CommandOfStranger } from "../core/commands/run.ts";
import { causeOf, type Events } from "../core/events.ts";
import { type IncomingCommand, parseIncomingCommand } from "../core/message.ts";
import type { RepairProgress } from "../core/reply/repair.ts";
import type { Timing } from "../core/timing.ts";
import type { Repair } from "../core/turn-store.ts";
import { type Errand, parseErrand } from "./errands.ts";
import { queues, type ShardKeys } from "./keys.ts";
import { RestingWorker } from "./resting-worker.ts";
import { keepStalledChecks } from "./stalled-checks.ts";

/** What an errand worker needs. */
export interface ErrandWorkerOptions {
  /** A patient connection. */
  readonly redis: Redis;
  /** A worker connection. */
  readonly workerRedis: Redis;
  readonly keys: ShardKeys;
  readonly timing: Timing;
  readonly events: Events;
  /** Carries a command out. @returns what to answer; undefined when no answer is due */
  readonly command: (command: IncomingCommand) => Promise<CommandAnswer | undefined>;
  /** Whether somebody may not use the bot, and what they are told then: once a day, else nothing. */
  readonly refuse: (command: IncomingCommand) => Promise<CommandOfStranger | undefined>;
  /** Shows a command's answer. @returns the ms after which to come again, 0 when done */
  readonly answer: (command: IncomingCommand, answer: CommandAnswer) => Promise<number>;
  readonly stop: (request: Extract<Errand, { kind: "stop" }>) => Promise<void>;
  /** Offers what could be asked, or shows the app's home. @returns the ms after which to come again, 0 when done */
  readonly opened: (chat: Extract<Errand, { kind: "opened" }>) => Promise<number>;
  /** Tells the admins who or how many ask to be let in, or that a model refuses, from the given admin on. */
  readonly announce: (
    news: AnnounceErrand,
    from: number,
    told: (next: number) => Promise<void>,
  ) => Promise<RepairProgress>;
  /** Puts back the pages from the given one on. */
  readonly repair: (repair: Repair, from: number) => Promise<RepairProgress>;
}

type AnnounceErrand = Extract<Errand, { kind: "request" | "requests" | "closed" }>;

/** An errand worker that is running. */
export interface ErrandWorker {
  /** Takes nothing new and waits for what is under way, each short, but no longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Slots for errands, apart from those of turns. */
const concurrency = 50;

/** Starts running errands. */
export function startErrandWorker(options: ErrandWorkerOptions): ErrandWorker {
  const { keys, timing, events } = options;
  const worker = new RestingWorker<Errand>(queues.commands, (job, token) => work(options, job, token ?? ""), {
    connection: options.workerRedis,
    prefix: keys.prefix,
    concurrency,
    restMs: timing.redisReconnectMs,
    lockDuration: timing.lockMs,
    stalledInterval: timing.stalledCheckMs,
    maxStalledCount: 1_000_000,
    drainDelay: 1,
  });
  keepStalledChecks(worker, timing.stalledCheckMs, events);
  return {
    async stop(graceMs) {
      await Promise.race([worker.close(), sleep(graceMs, undefined, { ref: false })]);
    },
  };
}

async function work(options: ErrandWorkerOptions, job: Job<Errand>, token: string): Promise<void> {
  let againMs: number;
  try {
    againMs = await run(options, job, parseErrand(job.data));
  } catch (error) {
    options.events.commandFailed({ message: job.id ?? "", cause: causeOf(error) });
    throw error;
  }
  if (againMs === 0) return;
  await job.moveToDelayed(Date.now() + Math.ceil(againMs), token);
  throw new DelayedError();
}

async function run(options: ErrandWorkerOptions, job: Job<Errand>, errand: Errand): Promise<number> {
  switch (errand.kind) {
    case "command":
      return await carryOut(options, job, errand);
    case "stop":
      await options.stop(errand);
      return 0;
    case "opened":
      return await options.opened(errand);
    case "request":
    case "requests":
    case "closed":
      return await announce(options, job, errand);
    case "settle":
      return await settle(options, job, errand);
    default:
      return errand satisfies never;
  }
}

/** A command is carried out once; only its answer is tried again. */
async function carryOut(
  options: ErrandWorkerOptions,
  job: Job<Errand>,
  errand: Extract<Errand, { kind: "command" }>,
): Promise<number> {
  const command = parseIncomingCommand(errand.command);
  const { unlessRefused, oncePerMs, ...known } = errand;
  let { answer } = errand;
  if (answer === undefined) {
    answer = (await options.command(command)) ?? null;
    if (answer !== null) await job.updateData({ ...errand, answer });
  }
  if (unlessRefused) {
    const refused = await options.refuse(command);
    if (refused !== undefined) answer = refused.answer ?? null;
    else if (oncePerMs !== undefined && !(await isFirst(options, command, oncePerMs))) answer = null;
    await job.updateData({ ...known, answer });
  }
  return answer === null ? 0 : await options.answer(command, answer);
}

/** True for the one command in `ms` that tells its conversation, also when it asks again. */
async function isFirst(
  { redis, keys }: ErrandWorkerOptions,
  { id, conversation }: IncomingCommand,
  ms: number,
): Promise<boolean> {
  const told = keys.tooMuch(conversation);
  return (await redis.set(told, id, "PX", ms, "NX")) !== null || (await redis.get(told)) === id;
}

async function announce(
  options: ErrandWorkerOptions,
  job: Job<Errand>,
  errand: AnnounceErrand,
): Promise<number> {
  const told = (from: number) => job.updateData({ ...errand, from });
  const { againMs } = await options.announce(errand, errand.from, told);
  return againMs;
}

const storedRepair = z.object({
  v: z.literal(1),
  target: z.object({
    address: z.object({
      platform: z.string(),
      scope: z.string(),
      chat: z.string(),
      thread: z.string().exactOptional(),
    }),
    place: z.enum(["private", "group"]),
    question: z.string(),
  }),
  pages: z.array(z.object({ id: z.string(), fingerprint: z.string(), plain: z.string(), body: z.unknown() })),
});

async function settle(
  { redis, keys, repair }: ErrandWorkerOptions,
  job: Job<Errand>,
  errand: Extract<Errand, { kind: "settle" }>,
): Promise<number> {
  const stored = await redis.get(keys.settle(errand.message));
  // No pages: the turn is not over, and its next run adds a repair of its own; or it took too long to be of use.
  if (stored === null) return 0;
  const { target, pages } = storedRepair.parse(JSON.parse(stored));
  const { from, againMs } = await repair({ target, pages }, errand.from);
  if (againMs > 0) await job.updateData({ ...errand, from });
  return againMs;
}
