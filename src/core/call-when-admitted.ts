/** Calls the model when there is leave to: waits a little, gives the turn back to wait longer, and says so. */

import type { Admitted, AdmittedCall, CallOrder } from "./admission.ts";
import { ChatApiError, type ChatApiProblem } from "./errors.ts";
import { showWait } from "./reply/show-wait.ts";
import type { Generated, Run } from "./turn.ts";
import { words } from "./words.ts";

/** How it ended; a `notice` is what the asker is told instead of an answer. */
export type Called = Generated | { readonly kind: "notice"; readonly text: string };

/** What makes a key, an account or a model useless for everybody until an operator has done something. */
const closing: ReadonlySet<ChatApiProblem> = new Set(["key-refused", "quota-used-up", "model-not-found"]);

/**
 * Calls the model for `run` once that is admitted; what a rate limit refuses waits on.
 * @param stream makes the call; undefined stands for one that our signals have ended before it began
 * @throws ChatApiError as `stream` does, but for rate limits; or because the prompt is above the limits
 */
export async function callWhenAdmitted(
  run: Run,
  order: Omit<CallOrder, "fence">,
  stream: (call: AdmittedCall | undefined) => Promise<Generated>,
): Promise<Called> {
  const { admission } = run.dependencies;
  const { stop, handBack } = run.signals;
  const signal = AbortSignal.any([stop, handBack]);
  for (;;) {
    const admitted = await admission.admit({ ...order, fence: run.turn.fence }, signal);
    switch (admitted.kind) {
      case "ended":
        return await stream(undefined);
      case "later":
        return await waitInQueue(run, admitted);
      case "never":
        return { kind: "notice", text: words.usedUp(admitted.expectedMs) };
      case "closed":
        return { kind: "notice", text: words.chatApi[admitted.problem] };
      case "too-large":
        throw new ChatApiError(
          "context-too-long",
          "The prompt is above the limit of tokens a minute.",
          "never",
        );
      default: {
        const generated = await callOnce(admitted.call, stream);
        if (generated !== undefined) return generated;
      }
    }
  }
}

async function waitInQueue(
  run: Run,
  { expectedMs, waitMs }: Extract<Admitted, { kind: "later" }>,
): Promise<Called> {
  const shown = await showWait(run, expectedMs);
  return shown === "fenced" ? { kind: "fenced" } : { kind: "later", waitMs };
}

/** @returns undefined when it is to be admitted anew */
async function callOnce(
  call: AdmittedCall,
  stream: (call: AdmittedCall) => Promise<Generated>,
): Promise<Generated | undefined> {
  try {
    return await stream(call);
  } catch (error) {
    if (!(error instanceof ChatApiError)) {
      call.failed(true);
      throw error;
    }
    if (call.isPutOff) return undefined;
    if (closing.has(error.problem)) {
      await call.closed(error.problem);
      throw error;
    }
    if (error.fate === "limited" && error.retry !== "never") {
      await call.refused(typeof error.retry === "object" ? error.retry.afterMs : undefined, error.limits);
      return undefined;
    }
    call.failed(error.fate === "counted");
    throw error;
  }
}
