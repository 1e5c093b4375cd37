/** Finds conversations that wait without progress and wakes them: the net under lost wake-ups. */

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { ConversationId } from "../core/conversation.ts";
import type { Events } from "../core/events.ts";
import type { Timing } from "../core/timing.ts";
import type { ShardKeys } from "./keys.ts";
import { runScript } from "./scripts.ts";
import { type WakeUp, wakeUp } from "./wake-up.ts";

/** How many conversations are looked at in one step: Redis does nothing else meanwhile. */
const stepAtMost = 500;

/** What a sweeper needs. Any number of processes may sweep. */
export interface SweeperOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly turns: Queue<WakeUp>;
  readonly timing: Timing;
  readonly events: Events;
}

/** Sweeps every `sweepEveryMs` until disposed. */
export function startSweeper(options: SweeperOptions): Disposable {
  let sweeping = false;
  const timer = setInterval(() => {
    if (sweeping) return;
    sweeping = true;
    // The next sweep tries again.
    sweep(options)
      .catch(() => undefined)
      .finally(() => {
        sweeping = false;
      });
  }, options.timing.sweepEveryMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** All of them, however many: what was lost together is found together. */
async function sweep(options: SweeperOptions): Promise<void> {
  const { redis, keys, timing } = options;
  for (;;) {
    const found = await runScript(redis, "sweep-pending", [keys.pending], [timing.sweepAfterMs, stepAtMost]);
    const conversations = z.array(z.string()).parse(found) as ConversationId[];
    await Promise.all(conversations.map((conversation) => wakeLost(options, conversation)));
    if (conversations.length < stepAtMost) return;
  }
}

/**
 * Most of those that wait for long have a wake-up that is delayed: the line at the chat API, a flood limit. Its mark
 * alone is none: BullMQ sees that when the next one is added.
 */
async function wakeLost(
  { redis, turns, events }: SweeperOptions,
  conversation: ConversationId,
): Promise<void> {
  const job = await turns.getDeduplicationJobId(conversation);
  if (job !== null && (await redis.exists(turns.toKey(job))) === 1) return;
  events.wokenAgain({ conversation });
  await wakeUp(turns, conversation);
}
