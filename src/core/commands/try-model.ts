/** Asks a model for one token: a list of models says little of what a key may use, and some servers list none. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Admission, AdmittedCall, CallOrder } from "../admission.ts";
import type { ConversationId, MessageId } from "../conversation.ts";
import { type Endpoints, isFault, type Serving } from "../endpoints.ts";
import { ChatApiError, type ChatApiProblem } from "../errors.ts";

/** What trying a model needs. */
export interface TryModelOptions {
  readonly endpoints: Pick<Endpoints, "serving" | "areSeveral">;
  readonly admission: Admission;
  /** How long the model may take to answer, and how long its limits may keep it from being asked, in ms each. */
  readonly waitMs: number;
}

/** Who tries it, and by which command. */
export interface Trying {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  /** Whose share of the limits it takes. */
  readonly user: string;
}

/** What came of it. */
export type Tried =
  | { readonly kind: "answered" }
  /** It was not asked: its limits are used up for so long. */
  | { readonly kind: "busy"; readonly ms: number }
  | { readonly kind: "silent" }
  | { readonly kind: "failed"; readonly problem: ChatApiProblem };

/** What is said, and about how much that is in the model's tokens. */
const messages = [{ role: "user" as const, content: "Hi" }];
const size = { promptTokens: 10, maxTokens: 1 };

/** Who waits in a line looks so often whether it is their turn, in ms: a command has no run that would be woken. */
const lookEveryMs = 500;

/**
 * Tries `model` where it is served, in order; what one server fails at, the next one may do. Each call takes its part of
 * the limits, as an answer does, and waits for it at the last server only.
 * @throws ChatApiError when nobody serves it; other errors only when Redis is out of reach
 */
export async function tryModel(options: TryModelOptions, model: string, trying: Trying): Promise<Tried> {
  const { conversation, message, user } = trying;
  const order = { fence: { conversation, message, epoch: 1 }, user, ...size };
  const serving = options.endpoints.serving(model);
  let tried: Tried = { kind: "silent" };
  for (const [index, { endpoint, model: name, chatApi }] of serving.entries()) {
    const soonOnly = index < serving.length - 1;
    const here = { ...order, endpoint, model: name, soonOnly };
    const admitted = await admitSoon(options, here);
    tried = "call" in admitted ? await askAt(options, chatApi, name, admitted.call) : admitted;
    // What is not to be asked now gives up its place in the line.
    if (tried.kind === "busy" || tried.kind === "silent") options.admission.withdraw(here);
    if (tried.kind === "answered" || (tried.kind === "failed" && !isFault(tried.problem))) return tried;
  }
  return tried;
}

async function admitSoon(
  { admission, waitMs }: TryModelOptions,
  order: CallOrder,
): Promise<{ readonly call: AdmittedCall } | Tried> {
  const until = performance.now() + waitMs;
  for (;;) {
    const admitted = await admission.admit(order, AbortSignal.timeout(waitMs));
    switch (admitted.kind) {
      case "admitted":
        return admitted;
      case "later":
        if (order.soonOnly || performance.now() + admitted.expectedMs > until) {
          return { kind: "busy", ms: admitted.expectedMs };
        }
        await sleep(lookEveryMs);
        break;
      case "never":
        return { kind: "busy", ms: admitted.expectedMs };
      case "closed":
        return { kind: "failed", problem: admitted.problem };
      case "too-large":
        return { kind: "failed", problem: "context-too-long" };
      default:
        return { kind: "silent" };
    }
  }
}

async function askAt(
  { endpoints, waitMs }: TryModelOptions,
  chatApi: Serving["chatApi"],
  model: string,
  call: AdmittedCall,
): Promise<Tried> {
  const signal = AbortSignal.timeout(waitMs);
  const parameters = { maxTokens: size.maxTokens };
  let used = size.promptTokens + size.maxTokens;
  let answered = false;
  try {
    for await (const event of chatApi.stream({ model, messages, parameters }, signal, call)) {
      if (event.kind === "left-out") continue;
      // Ended by our own clock, it has not answered.
      answered ||= event.kind === "text" || !signal.aborted;
      if (event.kind === "end" && event.usage) used = event.usage.promptTokens + event.usage.completionTokens;
    }
    call.used(used, undefined);
    return { kind: answered ? "answered" : "silent" };
  } catch (error) {
    if (!(error instanceof ChatApiError)) throw error;
    return await settle(call, error, endpoints.areSeveral);
  }
}

/** A key or model that is refused closes nothing: it may be a name that somebody has mistyped. */
async function settle(call: AdmittedCall, error: ChatApiError, areSeveral: boolean): Promise<Tried> {
  const { problem, fate, retry, limits } = error;
  if (fate === "limited" && retry !== "never") {
    const afterMs = typeof retry === "object" ? retry.afterMs : undefined;
    await call.refused(afterMs, limits);
    return { kind: "busy", ms: afterMs ?? 0 };
  }
  if (areSeveral && isFault(problem)) await call.broken(problem, fate === "counted");
  else if (!call.isPutOff) call.failed(fate === "counted");
  return call.isPutOff ? { kind: "busy", ms: 0 } : { kind: "failed", problem };
}
