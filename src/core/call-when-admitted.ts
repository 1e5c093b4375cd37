/** Calls the model when there is leave to: waits a little, gives the turn back to wait longer, and says so. */

import type { AdmittedCall } from "./admission.ts";
import { isFault, type Serving } from "./endpoints.ts";
import { ChatApiError, type ChatApiProblem } from "./errors.ts";
import { Failover } from "./failover.ts";
import { showWait } from "./reply/show-wait.ts";
import { type Routed, routeCall, type UnroutedOrder, withdraw } from "./route-call.ts";
import type { Generated, Run } from "./turn.ts";
import { words } from "./words.ts";

/** How it ended; a `notice` is what the asker is told instead of an answer. */
export type Called = Generated | { readonly kind: "notice"; readonly text: string };

/** Makes the call at `serving`; no `call` stands for one that our signals have ended before it began. */
export type StreamCall = (serving: Serving, call: AdmittedCall | undefined) => Promise<Generated>;

/** What makes a key, an account or a model useless for everybody until an operator has done something. */
const closing: ReadonlySet<ChatApiProblem> = new Set(["key-refused", "quota-used-up", "model-not-found"]);

/**
 * Calls the model for `run` once that is admitted; what a rate limit refused waits on. Where there are several endpoints,
 * what fails at one before its first token goes to the next; what one refuses for its content does not.
 * @throws ChatApiError as `stream` does, but for rate limits; because nobody serves the model; because the prompt is above
 *   the limits
 */
export async function callWhenAdmitted(
  run: Run,
  { model, ...order }: Omit<UnroutedOrder, "fence"> & { readonly model: string },
  stream: StreamCall,
): Promise<Called> {
  const { admission, endpoints, timing } = run.dependencies;
  const { stop, handBack } = run.signals;
  const signal = AbortSignal.any([stop, handBack]);
  const serving = endpoints.serving(model);
  const failover = new Failover(serving, timing);
  const unbegun = () => {
    if (stop.aborted) withdraw(admission, run.turn, serving);
    return stream(serving[0], undefined);
  };
  for (;;) {
    const candidates = failover.candidates();
    const routed =
      candidates && (await routeCall(admission, { ...order, fence: run.turn.fence }, candidates, signal));
    if (signal.aborted && routed?.kind !== "admitted") return await unbegun();
    switch (routed?.kind) {
      case "admitted": {
        const generated = await callOnce(routed, stream, endpoints.areSeveral ? failover : undefined);
        if (generated !== undefined) return generated;
        break;
      }
      case "ended":
        return await unbegun();
      case "later":
        return await waitInQueue(run, routed, unbegun);
      case "never":
        return { kind: "notice", text: words.usedUp(routed.expectedMs) };
      case "too-large":
        throw failover.error ?? tooLarge();
      default: {
        // All are closed, or have failed this call.
        const opensMs = failover.opensInMs(routed);
        if (opensMs !== undefined) {
          const wait = { expectedMs: opensMs, waitMs: opensMs };
          return await waitInQueue(run, wait, unbegun);
        }
        if (endpoints.areSeveral && (await failover.nextRound(routed, signal))) break;
        if (failover.error !== undefined) throw failover.error;
        return { kind: "notice", text: words.chatApi[routed?.problem ?? "unreachable"] };
      }
    }
  }
}

/** What an earlier run of `run`'s turn waits for is not wanted any more: its place is the next one's. */
export function giveUpPlace({ dependencies: { admission, endpoints }, turn, values }: Run): void {
  try {
    withdraw(admission, turn, endpoints.serving(values.model));
  } catch (error) {
    // Nobody serves it: there is no place.
    if (!(error instanceof ChatApiError)) throw error;
  }
}

function tooLarge(): ChatApiError {
  return new ChatApiError("context-too-long", "The prompt is above the limit of tokens a minute.", "never");
}

/** @param stopped how the run ends that was stopped meanwhile */
async function waitInQueue(
  run: Run,
  { expectedMs, waitMs }: Pick<Extract<Routed, { kind: "later" }>, "expectedMs" | "waitMs">,
  stopped: () => Promise<Generated>,
): Promise<Called> {
  const shown = await showWait(run, expectedMs);
  if (shown.kind === "fenced") return shown;
  // Whoever stopped it while that was shown found nothing to wake.
  if (run.signals.stop.aborted) return await stopped();
  // Its start comes by itself; the run in between only says anew how long that takes.
  return { kind: "later", waitMs: Math.min(waitMs, shown.renewMs ?? waitMs) };
}

/**
 * @param failover absent: what fails is the caller's
 * @returns undefined when it is to be admitted anew, here or elsewhere
 */
async function callOnce(
  { call, serving }: Extract<Routed, { kind: "admitted" }>,
  stream: StreamCall,
  failover: Failover | undefined,
): Promise<Generated | undefined> {
  try {
    return await stream(serving, call);
  } catch (error) {
    if (!(error instanceof ChatApiError)) {
      call.failed(true);
      throw error;
    }
    if (call.isPutOff) return undefined;
    if (closing.has(error.problem)) {
      await call.closed(error.problem);
      if (failover === undefined) throw error;
      failover.failed(serving, error);
      return undefined;
    }
    if (error.fate === "limited" && error.retry !== "never") {
      await call.refused(typeof error.retry === "object" ? error.retry.afterMs : undefined, error.limits);
      return undefined;
    }
    if (failover === undefined || !isFault(error.problem)) {
      call.failed(error.fate === "counted");
      throw error;
    }
    await call.broken(error.problem, error.fate === "counted");
    failover.failed(serving, error);
    return undefined;
  }
}
