/**
 * Ends the waiting sign on a pressed button. Telegram wants that within seconds, so it is the gateway's to do; but a press
 * is answered only once, and the answer may be an alert that only a worker knows to be due. Hence a short wait: the worker
 * shows its alert in it, and whoever comes second is refused, which harms nobody.
 */

import type { Arrival } from "../../core/inbox.ts";
import type { Timing } from "../../core/timing.ts";
import { type Connection, forGrammy } from "./connection.ts";

/** Answers presses in time. */
export interface PressAnswers {
  /** A press that was written is going to be answered, whatever else happens; anything else is left alone. */
  expect(arrival: Arrival): void;
  /** Answers at once what waits. Resolves when no call is under way. */
  stop(): Promise<void>;
}

/** Makes the answers of one process. None of them ever fails anything. */
export function createPressAnswers(
  { api }: Connection,
  { pressMs, callMs }: Pick<Timing, "pressMs" | "callMs">,
): PressAnswers {
  const waiting = new Map<string, NodeJS.Timeout>();
  const calls = new Set<Promise<unknown>>();
  const answer = (press: string) => {
    clearTimeout(waiting.get(press));
    waiting.delete(press);
    const call = api
      .answerCallbackQuery(press, {}, forGrammy(AbortSignal.timeout(callMs)))
      // Answered already, or too late: the sign has ended by itself.
      .catch(() => undefined)
      .finally(() => calls.delete(call));
    calls.add(call);
  };
  return {
    expect(arrival) {
      const press = arrival.kind === "command" ? arrival.command.button?.press : undefined;
      if (press === undefined || waiting.has(press)) return;
      waiting.set(
        press,
        setTimeout(() => answer(press), pressMs),
      );
    },
    async stop() {
      for (const press of [...waiting.keys()]) answer(press);
      await Promise.allSettled(calls);
    },
  };
}
