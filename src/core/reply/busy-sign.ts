/** The busy sign ("typing", "is thinking…"): at once, repeated while it would fade, ended by the first text. */

import type { Platform, ReplyTarget } from "../platform.ts";
import type { TakenTurn, TurnStore } from "../turn-store.ts";

/** What a busy sign needs. */
export interface BusySignOptions {
  readonly platform: Platform;
  readonly store: TurnStore;
  readonly turn: TakenTurn;
  readonly target: ReplyTarget;
  readonly callMs: number;
}

/** A busy sign that is shown. */
export interface BusySign {
  /** The platform took the sign away by itself (text appeared), or nothing is to be shown any more. */
  end(options: { readonly clear: boolean }): void;
}

/** Shows the busy sign; a sign is never worth waiting for, so failures are left to the call's own log. */
export function showBusySign(options: BusySignOptions): BusySign {
  const { platform, target, store, turn } = options;
  let ended = false;
  const say = async (busy: boolean): Promise<void> => {
    const budgets = platform.limits.budgets(target, "status");
    const permit = await store.permit(turn.fence, { kind: "status", budgets, shownUtf16: 0 });
    if (permit.kind !== "granted" || ended === busy) return;
    const outcome = await platform.showBusy(target, busy, AbortSignal.timeout(options.callMs));
    if (outcome.kind === "limited") await store.block(outcome.budgets, outcome.retryAfterMs);
  };
  const sayQuietly = (busy: boolean): void => {
    say(busy).catch(() => undefined);
  };
  sayQuietly(true);
  const { busyIntervalMs } = platform.limits;
  const timer = busyIntervalMs > 0 ? setInterval(() => sayQuietly(true), busyIntervalMs) : undefined;
  return {
    end({ clear }) {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      if (clear) sayQuietly(false);
    },
  };
}
