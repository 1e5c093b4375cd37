/** Wakes a conversation: a BullMQ job that carries its id only, at most one active and one waiting. */

import { Job, type JobsOptions, Queue, type QueueOptions } from "bullmq";
import type { Redis } from "ioredis";
import type { ConversationId } from "../core/conversation.ts";
import { queues, type ShardKeys } from "./keys.ts";

/** What a wake-up holds. */
export interface WakeUp {
  readonly conversation: ConversationId;
}

/** A job that must never fail for good: a failed wake-up would strand its inbox. */
const tireless = {
  attempts: 1_000_000,
  backoff: { type: "fixed", delay: 1_000 },
} as const satisfies JobsOptions;

function wakeUpOptions(conversation: ConversationId): JobsOptions {
  return {
    ...tireless,
    deduplication: { id: conversation, keepLastIfActive: true },
    removeOnComplete: true,
    removeOnFail: true,
  };
}

/**
 * How a queue to add to stands on a connection of ours. BullMQ would ask for the version once, and a queue for which that
 * failed, or took longer than a hasty connection waits, refuses everything for good (measured, bullmq 6.7). The
 * program asks by itself when it starts.
 */
export function queueOn(redis: Redis, keys: ShardKeys): QueueOptions {
  return { connection: redis, prefix: keys.prefix, skipVersionCheck: true };
}

/** The queue of wake-ups, for adding to it. */
export function openTurnsQueue(redis: Redis, keys: ShardKeys): Queue<WakeUp> {
  return new Queue<WakeUp>(queues.turns, queueOn(redis, keys));
}

/** A wake-up that can be added inside a transaction. */
export function createWakeUp(queue: Queue<WakeUp>, conversation: ConversationId): Job<WakeUp> {
  return new Job<WakeUp>(queue, "turn", { conversation }, wakeUpOptions(conversation));
}

/** Wakes `conversation`; nothing happens if it is awake or about to be. */
export async function wakeUp(queue: Queue<WakeUp>, conversation: ConversationId): Promise<void> {
  await queue.add("turn", { conversation }, wakeUpOptions(conversation));
}

/**
 * Moves a conversation's wake-up that waits for its time to `delayMs` from now.
 * @returns false when it does not wait: it runs, is about to, or there is none
 */
export async function moveWakeUp(
  queue: Queue<WakeUp>,
  conversation: ConversationId,
  delayMs: number,
): Promise<boolean> {
  const id = await queue.getDeduplicationJobId(conversation);
  if (id === null) return false;
  const job = new Job<WakeUp>(queue, "turn", { conversation }, {}, id);
  return await job.changeDelay(delayMs).then(
    () => true,
    () => false,
  );
}
