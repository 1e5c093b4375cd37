/** The busy sign ("typing", "is thinking…"): at once, repeated while it would fade, ended by text or by us. */

import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import type { TakenTurn, TurnStore } from "../turn-store.ts";

/** What a busy sign needs. */
export interface BusySignOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
  readonly timing: Pick<Timing, "callMs" | "backoffMs">;
}

/** A call that fails in passing is made so often again: no sign is to stand for long after its answer. */
const mostRepeats = 3;

/** When a sign is shown. */
export interface BusySignStart {
  /** It is not shown before it is begun: nothing happens yet that it would be the sign of. */
  readonly isLater: boolean;
}

/** A busy sign that is shown. */
export interface BusySign {
  /** Shows it, where that was left for later. */
  begin(): void;
  /** Text is visible: the platform takes the words away by itself. */
  textVisible(): void;
  /**
   * The answer is complete, or there will be none.
   * @param replied false: nobody else takes the sign away
   * @param fenced true: the sign is another run's now
   */
  end(options: { readonly replied: boolean; readonly fenced: boolean }): void;
}

/** Ends the sign of a run that died, where it does not end by itself. */
export async function endBusySign({ platform, store, target, timing }: BusySignOptions): Promise<void> {
  if (!platform.limits.busyUntilEnd) return;
  const budgets = platform.limits.budgets(target, "status");
  const permit = await store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
  if (permit.kind === "granted") await platform.showBusy(target, false, AbortSignal.timeout(timing.callMs));
}

/** Shows the busy sign; a sign is never worth waiting for, so failures are left to the call's own log. */
export function showBusySign(options: BusySignOptions & BusySignStart): BusySign {
  const { platform, store, turn, timing } = options;
  let { target } = options;
  let ended = false;
  /** A sign that no call has shown needs no call to end it; a dead run's may stand. */
  let mayStand = turn.takenOver;
  const say = async (busy: boolean, repeats = 0): Promise<void> => {
    if (!busy && !mayStand) return;
    const budgets = platform.limits.budgets(target, "status");
    // Ending the sign is right for whoever has the turn, also after it is over.
    const fence = busy ? turn.fence : undefined;
    const permit = await store.permit(fence, { kind: busy ? "status" : "final", budgets, shownUtf16: 0 });
    if (permit.kind === "wait" && !busy) setTimeout(() => sayQuietly(false), permit.waitMs).unref();
    if (permit.kind !== "granted" || ended === busy) return;
    mayStand = true;
    const outcome = await platform.showBusy(target, busy, AbortSignal.timeout(timing.callMs));
    if (outcome.kind === "elsewhere") {
      target = { ...target, address: outcome.address };
      sayQuietly(busy);
    }
    if (outcome.kind === "unapplied" || outcome.kind === "unknown") {
      const againMs = timing.backoffMs * 2 ** repeats;
      if (repeats < mostRepeats) setTimeout(() => sayQuietly(busy, repeats + 1), againMs).unref();
    }
    if (outcome.kind !== "limited") return;
    await store.block(outcome);
    if (!busy) setTimeout(() => sayQuietly(false), outcome.retryAfterMs).unref();
  };
  // One after another, so that the last word stays the last.
  let said: Promise<void> = Promise.resolve();
  const sayQuietly = (busy: boolean, repeats?: number): void => {
    said = said.then(() => say(busy, repeats)).catch(() => undefined);
  };
  const { busyIntervalMs, busyUntilEnd } = platform.limits;
  let begun = false;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    if (begun) return;
    begun = true;
    sayQuietly(true);
    if (busyIntervalMs > 0) timer = setInterval(() => sayQuietly(true), busyIntervalMs);
  };
  if (!options.isLater) begin();
  let visible = false;
  return {
    begin,
    textVisible() {
      visible = true;
      clearInterval(timer);
      ended ||= !busyUntilEnd;
    },
    end({ replied, fenced }) {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      if (!fenced && (busyUntilEnd || !(replied || visible))) sayQuietly(false);
    },
  };
}
