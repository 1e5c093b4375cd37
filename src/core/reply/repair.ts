/** Puts a reply's final pages back once more: a late edit of a dead or timed-out call must not have the last word. */

import type { Platform } from "../platform.ts";
import type { Timing } from "../timing.ts";
import type { Repair, TurnStore } from "../turn-store.ts";

/**
 * Edits every page to its final state.
 * @returns 0 when done, else the ms after which to come again; repeating it is harmless
 */
export async function putBack(
  platform: Platform,
  store: TurnStore,
  timing: Timing,
  { target, pages }: Repair,
): Promise<number> {
  const budgets = platform.limits.budgets(target, "edit");
  for (const { id, ...page } of pages) {
    const permit = await store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
    if (permit.kind === "wait") return permit.waitMs;
    const outcome = await platform.edit(target, id, page, AbortSignal.timeout(timing.callMs));
    if (outcome.kind === "limited") await store.block(outcome.budgets, outcome.retryAfterMs);
    if (outcome.kind === "limited") return outcome.retryAfterMs;
    if (outcome.kind === "unapplied" || outcome.kind === "unknown") return timing.backoffMaxMs;
  }
  return 0;
}
