/** Waits between tries: longer after each failure in a row, and never for ever. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Timing } from "../../core/timing.ts";
import { TelegramError } from "./errors.ts";

/** Counts failures in a row and waits accordingly. */
export class Backoff {
  readonly #timing: Pick<Timing, "backoffMs" | "backoffMaxMs" | "brokenMs">;
  #failures = 0;

  constructor(timing: Pick<Timing, "backoffMs" | "backoffMaxMs" | "brokenMs">) {
    this.#timing = timing;
  }

  /** It went well: the next failure waits shortly again. */
  reset(): void {
    this.#failures = 0;
  }

  /** The next wait, doubled with each failure in a row. */
  nextMs(): number {
    const ms = Math.min(this.#timing.backoffMs * 2 ** this.#failures, this.#timing.backoffMaxMs);
    this.#failures += 1;
    return ms;
  }

  /** The wait after a failed call: as long as Telegram asks, longer when only an operator can mend it. */
  msAfter(error: unknown): number {
    if (!(error instanceof TelegramError)) return this.nextMs();
    if (typeof error.retry === "object") return error.retry.afterMs;
    if (error.code === 409) return this.#timing.backoffMaxMs;
    return error.retry === "never" ? this.#timing.brokenMs : this.nextMs();
  }
}

/** Sleeps until the time is over or `signal` aborts, whichever is first; never rejects. */
export async function restFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A signal that aborts when the time is over or `outer` aborts; disposing leaves neither timer nor listener. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** True when it was the time. */
  readonly passed: boolean;
}

/** Made anew for every poll; a combined `AbortSignal.any` would hang on the long-lived `outer` meanwhile. */
export function createDeadline(ms: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let passed = false;
  const timer = setTimeout(() => {
    passed = true;
    abort();
  }, ms);
  outer.addEventListener("abort", abort, { once: true });
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer.removeEventListener("abort", abort);
    },
  };
}
