/** One API call: made once, classified, never thrown. */

import type { CallOutcome } from "../../core/platform.ts";
import { type CallContext, toFailure } from "./errors.ts";

/**
 * Makes the call and says how it ended.
 * @param signal ends the wait; a call on its way is then of unknown outcome
 */
export async function call<T>(
  context: CallContext,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<CallOutcome<T>> {
  if (signal.aborted)
    return { kind: "unapplied", cause: new Error(`Slack's ${context.method} was not called`) };
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return { kind: "done", value: await Promise.race([work(), aborted.promise]) };
  } catch (error) {
    return toFailure(error, context);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
