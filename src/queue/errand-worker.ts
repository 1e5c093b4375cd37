/** BullMQ's worker for commands and repairs. */

import { DelayedError, type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { ConversationId, MessageId } from "../core/conversation.ts";
import { causeOf, type Events } from "../core/events.ts";
import { type IncomingCommand, parseIncomingCommand } from "../core/message.ts";
import type { Timing } from "../core/timing.ts";
import type { Repair } from "../core/turn-store.ts";
import { type Errand, parseErrand } from "./errands.ts";
import { queues, type ShardKeys } from "./keys.ts";
import { keepStalledChecks } from "./stalled-checks.ts";

/** What an errand worker needs. Each returns the ms after which to come again, 0 when done. */
export interface ErrandWorkerOptions {
  /** A patient connection. */
  readonly redis: Redis;
  /** A worker connection. */
  readonly workerRedis: Redis;
  readonly keys: ShardKeys;
  readonly timing: Timing;
  readonly events: Events;
  readonly command: (command: IncomingCommand) => Promise<number>;
  readonly stop: (conversation: ConversationId, author: string, atMs: number) => Promise<number>;
  readonly repair: (repair: Repair) => Promise<number>;
}

/** Slots for errands, apart from those of turns. */
const concurrency = 50;

/** Starts running errands. Closing it waits for those under way; each is short. */
export function startErrandWorker(options: ErrandWorkerOptions): AsyncDisposable {
  const { keys, timing, events } = options;
  const worker = new Worker<Errand>(queues.commands, (job, token) => work(options, job, token ?? ""), {
    connection: options.workerRedis,
    prefix: keys.prefix,
    concurrency,
    lockDuration: timing.lockMs,
    stalledInterval: timing.stalledCheckMs,
    maxStalledCount: 1_000_000,
    drainDelay: 1,
  });
  keepStalledChecks(worker, timing.stalledCheckMs, events);
  return { [Symbol.asyncDispose]: () => worker.close() };
}

async function work(options: ErrandWorkerOptions, job: Job<Errand>, token: string): Promise<void> {
  const errand = parseErrand(job.data);
  let againMs: number;
  try {
    againMs = await run(options, errand);
  } catch (error) {
    options.events.commandFailed({ message: job.id ?? "", cause: causeOf(error) });
    throw error;
  }
  if (againMs === 0) return;
  await job.moveToDelayed(Date.now() + Math.ceil(againMs), token);
  throw new DelayedError();
}

async function run(options: ErrandWorkerOptions, errand: Errand): Promise<number> {
  switch (errand.kind) {
    case "command":
      return await options.command(parseIncomingCommand(errand.command));
    case "stop":
      return await options.stop(errand.conversation, errand.author, errand.atMs);
    case "settle":
      return await settle(options, errand.message);
    default:
      return errand satisfies never;
  }
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

async function settle({ redis, keys, repair }: ErrandWorkerOptions, message: MessageId): Promise<number> {
  const stored = await redis.get(keys.settle(message));
  // No pages: the turn is not over; its next run adds a repair of its own.
  if (stored === null) return 0;
  const { target, pages } = storedRepair.parse(JSON.parse(stored));
  return await repair({ target, pages });
}
