/** Wakes a conversation: a BullMQ job that carries its id only, at most one active and one waiting. */

import { Job, type JobsOptions, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { ConversationId } from "../core/conversation.ts";
import { queues, type ShardKeys } from "./keys.ts";

/** What a wake-up holds. */
export interface WakeUp {
  readonly conversation: ConversationId;
}

/** A job that must never fail for good: a failed wake-up would strand its inbox. */
export const tireless = {
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

/** The queue of wake-ups, for adding to it. */
export function openTurnsQueue(redis: Redis, keys: ShardKeys): Queue<WakeUp> {
  return new Queue<WakeUp>(queues.turns, { connection: redis, prefix: keys.prefix });
}

/** A wake-up that can be added inside a transaction. */
export function createWakeUp(queue: Queue<WakeUp>, conversation: ConversationId): Job<WakeUp> {
  return new Job<WakeUp>(queue, "turn", { conversation }, wakeUpOptions(conversation));
}

/** Wakes `conversation`; nothing happens if it is awake or about to be. */
export async function wakeUp(queue: Queue<WakeUp>, conversation: ConversationId): Promise<void> {
  await queue.add("turn", { conversation }, wakeUpOptions(conversation));
}
