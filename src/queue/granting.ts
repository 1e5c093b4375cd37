/** Sees to it that whoever has got a start knows in time: turns that wait in the queue are woken shortly before it. */

import type { Queue } from "bullmq";
import type { CallPlace } from "../core/admission.ts";
import type { ConversationId } from "../core/conversation.ts";
import type { Timing } from "../core/timing.ts";
import { type Looked, type PoolScripts, toPool } from "./pool-scripts.ts";
import { moveWakeUp, type WakeUp } from "./wake-up.ts";

/** What granting needs. */
export interface GrantingOptions {
  readonly scripts: PoolScripts;
  readonly turns: Queue<WakeUp>;
  readonly timing: Pick<Timing, "grantEveryMs" | "wakeAheadMs">;
  readonly onFailed: (error: unknown) => void;
}

/**
 * A run that asked may still be giving its turn back, or showing how long it takes; until then there is no delayed job to
 * move. As long as a start is kept for it, it is looked for, at first and at least so often, in ms.
 */
const keptMs = 5_000;
const tryFirstMs: number = 30;
const tryLastMs = 250;

/** Follows what scripts found out. While somebody waits, every process that knows of it looks who is next. */
export class Granting implements Disposable {
  readonly #options: GrantingOptions;
  /** When this process looks next, by pool. */
  readonly #looks = new Map<string, { readonly atMs: number; readonly timer: NodeJS.Timeout }>();
  #isOver = false;

  constructor(options: GrantingOptions) {
    this.#options = options;
  }

  /** @param knowing the call that asked hears of its own start otherwise */
  follow({ lookMs, granted }: Looked, order: CallPlace, knowing = true): void {
    for (const { message, conversation, startMs } of granted) {
      if (knowing && message === order.fence.message) continue;
      this.#wake(conversation, startMs).catch(this.#options.onFailed);
    }
    if (lookMs !== undefined) this.#lookIn(order, lookMs);
  }

  #lookIn(order: CallPlace, lookMs: number): void {
    if (this.#isOver) return;
    const pool = toPool(order);
    const atMs = performance.now() + Math.max(lookMs, this.#options.timing.grantEveryMs);
    const planned = this.#looks.get(pool);
    if (planned !== undefined && planned.atMs <= atMs) return;
    clearTimeout(planned?.timer);
    const timer = setTimeout(() => {
      this.#looks.delete(pool);
      this.#look(order).catch(this.#options.onFailed);
    }, atMs - performance.now());
    this.#looks.set(pool, { atMs, timer });
  }

  async #look(order: CallPlace): Promise<void> {
    this.follow(await this.#options.scripts.look(order), order, false);
  }

  /** Moves the delayed job of a turn to shortly before its start. */
  async #wake(conversation: ConversationId, startMs: number): Promise<void> {
    const { turns, timing } = this.#options;
    const wakeAt = performance.now() + startMs - timing.wakeAheadMs;
    const until = performance.now() + startMs + keptMs;
    for (let tryMs = tryFirstMs; performance.now() < until && !this.#isOver; ) {
      const delayMs = Math.max(0, Math.round(wakeAt - performance.now()));
      if (await moveWakeUp(turns, conversation, delayMs)) return;
      await new Promise((resolve) => setTimeout(resolve, tryMs));
      tryMs = Math.min(tryMs * 1.3, tryLastMs);
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const { timer } of this.#looks.values()) clearTimeout(timer);
    this.#looks.clear();
  }
}
