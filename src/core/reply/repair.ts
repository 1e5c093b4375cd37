/** Puts a reply's final pages back once more: a late edit of a dead or timed-out call must not have the last word. */

import type { Platform } from "../platform/platform.ts";
import type { Timing } from "../timing.ts";
import type { Repair, TurnStore } from "../turn-store.ts";

/** How far a repair has come. */
export interface RepairProgress {
  /** The page to go on with. */
  readonly from: number;
  /** The ms after which to go on; 0 when all pages are put back. */
  readonly againMs: number;
}

/** Edits every page from `from` on to its final state. Repeating a page is harmless. */
export async function putBack(
  platform: Platform,
  store: TurnStore,
  timing: Timing,
  { target, pages }: Repair,
  from: number,
): Promise<RepairProgress> {
  const budgets = platform.limits.budgets(target, "edit");
  for (const [index, { id, ...page }] of pages.entries()) {
    if (index < from) continue;
    const permit = await store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
    if (permit.kind === "wait") return { from: index, againMs: permit.waitMs };
    const outcome = await platform.edit(target, id, page, AbortSignal.timeout(timing.callMs));
    if (outcome.kind === "limited") {
      await store.block(outcome);
      return { from: index, againMs: outcome.retryAfterMs };
    }
    if (outcome.kind === "unapplied" || outcome.kind === "unknown") {
      return { from: index, againMs: timing.backoffMaxMs };
    }
  }
  return { from: pages.length, againMs: 0 };
}
