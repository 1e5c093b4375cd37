/** One API call: made once, classified, never thrown. */

import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { CallKind } from "../../core/platform/flood-budget.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import type { SlackClient } from "./client.ts";
import { type CallContext, toFailure } from "./errors.ts";
import { refusedBudget } from "./limits.ts";
import type { Workspaces } from "./workspaces.ts";

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

/** Makes the call as the workspace in which the target lives. */
export async function callIn<T>(
  workspaces: Workspaces,
  { address }: ReplyTarget,
  context: CallContext,
  signal: AbortSignal,
  work: (client: SlackClient) => Promise<T>,
): Promise<CallOutcome<T>> {
  const found = await call(context, signal, () => workspaces.find(address.scope));
  // Nothing was sent yet, however the search ended.
  if (found.kind === "unknown") return { ...found, kind: "unapplied" };
  if (found.kind !== "done") return found;
  return call(context, signal, () => work(found.value.client));
}

/** Makes a call whose 429 closes the budget of its kind. */
export type CallFor = <T>(
  method: string,
  target: ReplyTarget,
  kind: CallKind,
  signal: AbortSignal,
  work: (client: SlackClient) => Promise<T>,
) => Promise<CallOutcome<T>>;

/** Calls as the workspace in which their target lives. */
export function createCallFor(workspaces: Workspaces): CallFor {
  return (method, target, kind, signal, work) =>
    callIn(workspaces, target, { method, budget: refusedBudget(target, kind) }, signal, work);
}
