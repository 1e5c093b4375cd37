/** The calls of one reply: leave for each, its time-out, and what its end means for whoever wanted something shown. */

import { causeOf, type Events } from "../events.ts";
import type { CallOutcome } from "../platform/call-outcome.ts";
import type { CallKind } from "../platform/flood-budget.ts";
import type { LiveOutcome } from "../platform/live.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import type { PermitRequest, TakenTurn, TurnStore } from "../turn-store.ts";
import { waitForOperator } from "../wait-for-operator.ts";
import { askFreshPermit, type UsablePermit } from "./fresh-permit.ts";
import type { Shown } from "./shown.ts";

/** What the calls of a reply need. */
export interface PageCallsOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly timing: Timing;
  readonly events: Events;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
}

/** The calls of one reply. */
export class PageCalls {
  readonly #options: PageCallsOptions;
  /** Calls that failed in passing since the last that did not. */
  #failures = 0;
  /** Length of the text being shown, in UTF-16 units of Markdown; set by whoever renders. */
  shownUtf16: number;

  constructor(options: PageCallsOptions) {
    this.#options = options;
    this.shownUtf16 = options.turn.shownUtf16;
  }

  /** Leave to make one call now, within the permit's age. @param page set for a post: which page */
  async permit(
    kind: PermitRequest["kind"],
    call: CallKind,
    page?: PermitRequest["page"],
  ): Promise<UsablePermit> {
    const { platform, store, target, turn, timing } = this.#options;
    const budgets = platform.limits.budgets(target, call);
    const request = { kind, budgets, shownUtf16: this.shownUtf16, ...(page ? { page } : {}) };
    return await askFreshPermit(store, turn.fence, request, timing.permitMs);
  }

  /** Makes a call that has its permit; one that fails is logged as `method`. */
  async make<Outcome extends LiveOutcome<unknown>>(
    method: string,
    call: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { platform, timing, events } = this.#options;
    const made = await call(AbortSignal.timeout(timing.callMs));
    const outcome: LiveOutcome<unknown> = made;
    if (outcome.kind !== "done" && outcome.cause !== undefined) {
      events.callFailed({
        platform: platform.name,
        method,
        outcome: outcome.kind,
        cause: causeOf(outcome.cause),
      });
    }
    return made;
  }

  /** A call did what it was made for: the next failure waits shortly again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** How long to wait after a failure in passing: longer after each in a row. */
  backoffMs(): number {
    const { backoffMs, backoffMaxMs } = this.#options.timing;
    return Math.min(backoffMs * 2 ** this.#failures++, backoffMaxMs);
  }

  /** What a call that did not do it means. */
  async notDone(outcome: Exclude<CallOutcome<unknown>, { kind: "done" }>): Promise<Shown> {
    const { store, timing, events, target, turn } = this.#options;
    switch (outcome.kind) {
      case "limited":
        await store.block(outcome);
        return { kind: "wait", waitMs: outcome.retryAfterMs };
      case "gone":
      case "closed":
      case "unformattable":
        return { kind: "closed", cause: outcome.cause };
      case "elsewhere":
        return { kind: "elsewhere", place: outcome };
      case "broken": {
        const waiting = { turn, target, dependencies: { events, timing } };
        return { kind: "wait", waitMs: waitForOperator(waiting, outcome.cause) };
      }
      case "unapplied":
      case "unknown":
        return { kind: "wait", waitMs: this.backoffMs() };
      default:
        return outcome satisfies never;
    }
  }
}

/** What it means that there is no leave to call. */
export function refusal(permit: Exclude<UsablePermit, { kind: "granted" }>): Shown {
  return permit.kind === "wait" ? permit : { kind: "fenced" };
}
