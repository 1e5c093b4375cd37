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

/** How many conversations one sweep wakes. */
const sweepAtMost = 100;

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
  const timer = setInterval(() => {
    // The next sweep tries again.
    sweep(options).catch(() => undefined);
  }, options.timing.sweepEveryMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function sweep({ redis, keys, turns, timing, events }: SweeperOptions): Promise<void> {
  const found = await runScript(redis, "sweep-pending", [keys.pending], [timing.sweepAfterMs, sweepAtMost]);
  for (const conversation of z.array(z.string()).parse(found)) {
    events.wokenAgain({ conversation });
    await wakeUp(turns, conversation as ConversationId);
  }
}
