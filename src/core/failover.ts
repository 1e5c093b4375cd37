/** What one run remembers of endpoints that failed it, and for how long it is worth going round again. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Endpoints, isFault, type Serving } from "./endpoints.ts";
import type { ChatApiError, ChatApiProblem } from "./errors.ts";
import type { Timing } from "./timing.ts";

/** The waits that it keeps. */
type Waits = Pick<Timing, "backoffMs" | "backoffMaxMs" | "chatRetryMs" | "inlineWaitMs">;

/** Why an endpoint is left alone, and for how long. */
interface Closed {
  readonly problem: ChatApiProblem;
  readonly forMs: number;
}

/** One call, until it has an endpoint that answers. With a single endpoint its client has the patience, and this has none. */
export class Failover {
  /** Of the latest failure; what the asker is told of when nothing helps. */
  error: ChatApiError | undefined;
  readonly #serving: readonly [Serving, ...Serving[]];
  readonly #timing: Waits;
  readonly #failed = new Set<Serving>();
  readonly #startedAt = performance.now();
  #rounds = 0;

  constructor(serving: ReturnType<Endpoints["serving"]>, timing: Waits) {
    this.#serving = serving;
    this.#timing = timing;
  }

  /** Who has not failed in this round; undefined: all have. */
  candidates(): readonly [Serving, ...Serving[]] | undefined {
    const [first, ...others] = this.#serving.filter((one) => !this.#failed.has(one));
    return first && [first, ...others];
  }

  /** `serving` has failed this call before its first token. */
  failed(serving: Serving, error: ChatApiError): void {
    this.#failed.add(serving);
    this.error = error;
  }

  /**
   * How long all are left alone, where nobody was asked since, and it is worth waiting for: outside the worker's slot. It
   * doubles each time that they are tried in vain, and so comes to an end.
   */
  opensInMs(closed: Closed | undefined): number | undefined {
    const { inlineWaitMs, chatRetryMs } = this.#timing;
    if (closed === undefined || !isFault(closed.problem) || this.#failed.size > 0) return undefined;
    return closed.forMs > inlineWaitMs && closed.forMs <= chatRetryMs ? closed.forMs : undefined;
  }

  /**
   * Nobody is left to be asked: waits for the next round.
   * @param closed the endpoint that opens first · @param signal ends the wait
   * @returns false when it has taken too long, or would
   */
  async nextRound(closed: Closed | undefined, signal: AbortSignal): Promise<boolean> {
    const { backoffMs, backoffMaxMs, chatRetryMs } = this.#timing;
    const backoff = Math.min(backoffMs * 2 ** this.#rounds++, backoffMaxMs);
    const opensMs = closed && isFault(closed.problem) ? closed.forMs : Number.POSITIVE_INFINITY;
    const waitMs = this.#failed.size > 0 ? backoff : opensMs;
    // What servers take that say nothing counts as well: its asker waits, and it holds a worker's slot.
    if (performance.now() - this.#startedAt + waitMs > chatRetryMs) return false;
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    this.#failed.clear();
    return true;
  }
}
