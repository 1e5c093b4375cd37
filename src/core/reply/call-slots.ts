/**
 * Spreads the calls of this process over a budget that is used up: each gets a moment of its own, in order, one
 * interval apart. Without it, every reply that waits would ask for its permit again at the same instant.
 */

import type { FloodBudget } from "../platform.ts";

/** Moments are given out this far ahead, in ms: whoever ends without using its own leaves a gap no longer than that. */
const furthestMs = 5_000;

/** How many budgets are remembered before those that are free again are forgotten. */
const rememberedBudgets = 10_000;

/** The moments given out for the budgets of one kind of call. The permit decides; a slot only says when to ask. */
export class CallSlots {
  /** Per budget: when its next free moment is, on the monotonic clock in ms. */
  readonly #nextAt = new Map<string, number>();

  /** @returns ms until it is worth asking for `budgets`; 0 = now. Takes the moment. */
  take(budgets: readonly FloodBudget[]): number {
    const now = performance.now();
    let waitMs = 0;
    for (const budget of budgets) {
      const nextAt = this.#nextAt.get(budget.key) ?? 0;
      if (nextAt > now) waitMs = Math.max(waitMs, this.#give(budget, nextAt, now) - now);
      else if (nextAt > 0) this.#nextAt.delete(budget.key);
    }
    return waitMs;
  }

  /** A permit was refused because of `budget`. @returns ms until this call's next moment */
  denied(budget: FloodBudget, waitMs: number): number {
    const now = performance.now();
    if (this.#nextAt.size > rememberedBudgets) this.#forgetFree(now);
    const opensAt = now + waitMs;
    return this.#give(budget, Math.max(this.#nextAt.get(budget.key) ?? 0, opensAt), opensAt) - now;
  }

  /** @param earliest when the budget itself opens again; no moment before it is of use */
  #give(budget: FloodBudget, at: number, earliest: number): number {
    const now = performance.now();
    const moment = Math.min(at, Math.max(earliest, now + furthestMs));
    this.#nextAt.set(budget.key, moment + budget.intervalMs);
    return moment;
  }

  #forgetFree(now: number): void {
    for (const [key, nextAt] of this.#nextAt) if (nextAt <= now) this.#nextAt.delete(key);
  }
}

/** The slots of a process: what ends or begins a reply does not queue behind previews. */
export interface ReplySlots {
  readonly previews: CallSlots;
  readonly finals: CallSlots;
}

/** Makes the slots of a process. */
export function createReplySlots(): ReplySlots {
  return { previews: new CallSlots(), finals: new CallSlots() };
}
