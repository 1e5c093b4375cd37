/** The `commands` queue: people's commands and repairs of replies. They have slots of their own and never wait behind the model. */

import { createHash } from "node:crypto";
import { Job, type JobsOptions, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { ClosedEndpoint } from "../core/admission.ts";
import { commandAnswer, toPlace } from "../core/commands/command-answer.ts";
import type { ConversationId, MessageId } from "../core/conversation.ts";
import type { ChatApiProblem } from "../core/errors.ts";
import type { Fence } from "../core/turn-store.ts";
import { queues, type ShardKeys, seenSeconds } from "./keys.ts";
import { queueOn } from "./wake-up.ts";

const errand = z.discriminatedUnion("kind", [
  /** A command; `command` is parsed by core. */
  z.object({
    v: z.literal(1),
    kind: z.literal("command"),
    command: z.unknown(),
    /** What it came to, once it has been carried out: a later try only answers. Null: no answer is due. */
    answer: commandAnswer
      .or(z.string().transform((text) => toPlace(text)))
      .nullable()
      .optional(),
    /** The answer is for who may use the bot, which nobody has looked at; others are told that they may not. */
    unlessRefused: z.literal(true).exactOptional(),
    /** It is for the whole conversation, and enough that one of these tells it in so many ms. */
    oncePerMs: z.number().exactOptional(),
  }),
  /** A platform's own stop button. */
  z.object({
    v: z.literal(1),
    kind: z.literal("stop"),
    conversation: z.string().transform((id) => id as ConversationId),
    author: z.string(),
    atMs: z.number(),
    only: z
      .string()
      .transform((id) => id as MessageId)
      .exactOptional(),
  }),
  /** Somebody opened the bot's private chat. */
  z.object({
    v: z.literal(1),
    kind: z.literal("opened"),
    conversation: z.string().transform((id) => id as ConversationId),
    author: z.string(),
    isHome: z.literal(true).exactOptional(),
  }),
  /** Tell the admins who asks to be let in. */
  z.object({
    v: z.literal(1),
    kind: z.literal("request"),
    message: z.string().transform((id) => id as MessageId),
    platform: z.string(),
    scope: z.string(),
    entry: z.string(),
    subject: z.enum(["person", "place"]),
    name: z.string(),
    /** How many of them are told already. */
    from: z.number().default(0),
  }),
  /** Tell the admins how many ask to be let in. */
  z.object({
    v: z.literal(1),
    kind: z.literal("requests"),
    platform: z.string(),
    scope: z.string(),
    from: z.number().default(0),
  }),
  /** Tell the admins that a model refuses everybody. */
  z.object({
    v: z.literal(1),
    kind: z.literal("closed"),
    platform: z.string(),
    model: z.string(),
    problem: z.string().transform((problem) => problem as ChatApiProblem),
    host: z.string().exactOptional(),
    from: z.number().default(0),
  }),
  /** Put a reply's final pages back once more. */
  z.object({
    v: z.literal(1),
    kind: z.literal("settle"),
    message: z.string().transform((id) => id as MessageId),
    /** How many pages are put back already. */
    from: z.number().default(0),
  }),
]);

/** One job of the commands queue. */
export type Errand = z.output<typeof errand>;

/** @throws ZodError when the job is of a version that this code does not read */
export function parseErrand(data: unknown): Errand {
  return errand.parse(data);
}

/** The queue of errands, for adding to it. */
export function openCommandsQueue(redis: Redis, keys: ShardKeys): Queue<Errand> {
  return new Queue<Errand>(queues.commands, queueOn(redis, keys));
}

/** BullMQ's ids may hold no colon. */
function toJobId(kind: string, message: string): string {
  return `${kind}-${createHash("sha256").update(message).digest("base64url")}`;
}

/** About a quarter of an hour: an older command is of no use to anybody. */
const errandOptions: JobsOptions = { attempts: 200, backoff: { type: "fixed", delay: 5_000 } };

/** An errand that is done once however often it is added within 25 h: its id is the mark, so both are one write. */
export function createErrandOnce(queue: Queue<Errand>, id: string, data: Errand): Job<Errand> {
  const jobId = toJobId(data.kind, id);
  const keep = { age: seenSeconds };
  const once = { ...errandOptions, removeOnComplete: keep, removeOnFail: keep, jobId };
  return new Job<Errand>(queue, data.kind, data, isNicety(data) ? { ...forgotten, jobId } : once, jobId);
}

/** What nobody waits for is tried once, and leaves nothing behind. */
function isNicety({ kind }: Errand): boolean {
  return kind === "opened";
}

const forgotten: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Has the admins of a platform told that a model refuses everybody. */
export async function addClosed(
  queue: Queue<Errand>,
  platform: string,
  { model, problem, host }: ClosedEndpoint,
): Promise<void> {
  const options = { ...errandOptions, removeOnComplete: true, removeOnFail: true };
  await queue.add(
    "closed",
    { v: 1, kind: "closed", platform, model, problem, ...(host && { host }), from: 0 },
    options,
  );
}

/**
 * Adds the repair of a reply after `delayMs`. Each run that ends the turn adds its own: one that was overtaken while
 * ending must not bring the repair of the next one forward.
 */
export async function addSettle(
  queue: Queue<Errand>,
  { message, epoch }: Pick<Fence, "message" | "epoch">,
  delayMs: number,
): Promise<void> {
  const jobId = toJobId("settle", `${message} ${epoch}`);
  const options = { ...errandOptions, delay: delayMs, jobId, removeOnComplete: true, removeOnFail: true };
  await queue.add("settle", { v: 1, kind: "settle", message, from: 0 }, options);
}
