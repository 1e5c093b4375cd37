/** What only an operator can mend (a token that is not taken any more, a missing right): told now and then, tried ever more rarely. */

import { causeOf, type Events } from "./events.ts";
import type { ReplyTarget } from "./platform/reply-target.ts";
import type { Timing } from "./timing.ts";
import type { TakenTurn } from "./turn-store.ts";

/** What waits, and who is told. */
export interface Waiting {
  readonly turn: Pick<TakenTurn, "message">;
  readonly target: Pick<ReplyTarget, "address">;
  readonly dependencies: { readonly events: Pick<Events, "placeBroken">; readonly timing: Timing };
}

/** Tells the operator why an answer waits. @returns the ms after which to try again */
export function waitForOperator({ turn, target, dependencies }: Waiting, cause: unknown): number {
  const { events, timing } = dependencies;
  const { platform, scope } = target.address;
  events.placeBroken({ platform, scope, cause: causeOf(cause) });
  const { acceptedAtMs, sentAtMs } = turn.message;
  return brokenWaitMs(Date.now() - (acceptedAtMs ?? sentAtMs), timing);
}

/**
 * How long to wait for an operator: in proportion to how long the question has waited already, for a place that nobody
 * mends, such as a workspace that the app was removed from unheard, is to cost ever less.
 */
export function brokenWaitMs(
  waitedMs: number,
  { brokenMs, brokenMaxMs }: Pick<Timing, "brokenMs" | "brokenMaxMs">,
): number {
  return Math.min(Math.max(brokenMs, waitedMs / 2), brokenMaxMs);
}
