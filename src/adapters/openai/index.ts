/** The chat API as the turn sees it: streams answers, asks again while nothing is lost by it, knows the models. */

import { setTimeout as sleep } from "node:timers/promises";
import type { CallWatch, ChatApi, ChatEvent, ChatRequest } from "../../core/chat-api.ts";
import type { ChatApiProblem } from "../../core/errors.ts";
import type { ModelCatalogue } from "../../core/model-catalogue.ts";
import type { RefusedParameters } from "../../core/refused-parameters.ts";
import type { Timing } from "../../core/timing.ts";
import { attempt } from "./attempt.ts";
import { createCatalogue } from "./catalogue.ts";
import { type Account, createClient } from "./client.ts";
import { type Failure, toChatApiError } from "./errors.ts";
import { limits } from "./limits.ts";
import { contextWindow } from "./models.ts";
import { Parameters } from "./parameters.ts";
import { readRateLimits } from "./rate-limits.ts";
import { backoffMs } from "./retry-after.ts";

/** What the client is made from. */
export interface ChatApiOptions extends Account {
  /** `OPENAI_FIRST_TOKEN_TIMEOUT` in ms: until the first token of text or reasoning, whatever else comes. */
  readonly firstTokenMs: number;
  readonly timing: Pick<
    Timing,
    "connectMs" | "streamIdleMs" | "chatRetryMs" | "backoffMs" | "backoffMaxMs" | "callMs" | "modelsMs"
  >;
  /** False: what fails before the first token is not asked again here, for others can answer. Default: true. */
  readonly asksAgain?: boolean;
  /** Told when a call failed in passing and will be made again; nobody else hears of that. */
  readonly onRetry?: (failed: RetriedCall) => void;
  /** What models have refused; absent: known to this client alone. */
  readonly refused?: RefusedParameters;
  /** 0 ≤ x < 1; spreads the waits of many processes. */
  readonly random?: () => number;
}

/** A call that is made again. */
export interface RetriedCall {
  readonly model: string;
  readonly problem: ChatApiProblem;
  /** What happened and what to look at, for operators. */
  readonly cause: string;
  /** After how long, in ms. */
  readonly retryInMs: number;
}

/** Both ports. Disposing ends every running call. */
export interface OpenAiChatApi extends ChatApi, ModelCatalogue, AsyncDisposable {}

/** Makes the client; nothing is connected before the first call. */
export function createChatApi(options: ChatApiOptions): OpenAiChatApi {
  const client = createClient(options, options.timing.connectMs);
  const parameters = new Parameters(options.refused);

  async function* stream(
    request: ChatRequest,
    signal: AbortSignal,
    watch?: CallWatch,
  ): AsyncGenerator<ChatEvent> {
    const patience = new Patience(options);
    for (;;) {
      // Made anew for each try: another call may have learnt what this model refuses.
      const body = parameters.body(request);
      const end = yield* attempt({
        open: (inner) => client.openai.chat.completions.create(body, { signal: inner }).asResponse(),
        firstTokenMs: Math.min(options.firstTokenMs, limits.timerMs),
        begun: () => watch?.begun(),
        accepted: (headers) => watch?.accepted(readRateLimits(headers)),
        timing: options.timing,
        signal,
      });
      if (end.kind === "end") return yield end;
      const leftOut = parameters.leaveOut(request.model, body, end.failure.parameter);
      if (leftOut?.wasSet) yield { kind: "left-out", parameter: leftOut.name };
      const waitMs = leftOut ? 0 : patience.next(end.failure, watch !== undefined);
      if (waitMs === undefined) throw toChatApiError(end.failure, request.model, client.origin);
      if (leftOut === undefined) tellRetry(end.failure, request.model, waitMs);
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (watch === undefined || signal.aborted || (await watch.again()) || signal.aborted) continue;
      throw toChatApiError(end.failure, request.model, client.origin);
    }
  }

  function tellRetry(failure: Failure, model: string, retryInMs: number): void {
    const { problem } = failure;
    const cause = toChatApiError(failure, model, client.origin).message;
    options.onRetry?.({ model, problem, cause, retryInMs: Math.round(retryInMs) });
  }

  return {
    stream,
    contextWindow,
    ...createCatalogue(client, options.timing),
    [Symbol.asyncDispose]: client.destroy,
  };
}

/** How much longer one call is worth trying: its next try begins within `chatRetryMs` of its first failure. */
class Patience {
  private failedAt: number | undefined;
  private attempts = 0;
  private broken = 0;
  private readonly options: ChatApiOptions;

  constructor(options: ChatApiOptions) {
    this.options = options;
  }

  /**
   * @param isWatched true: rate limits are somebody else's to wait for
   * @returns ms until the next try; undefined when there is none
   */
  next(failure: Failure, isWatched: boolean): number | undefined {
    if (isWatched && failure.fate === "limited") return undefined;
    if (this.options.asksAgain === false) return undefined;
    if (failure.retry === "never" || failure.problem === "silent") return undefined;
    if (failure.answered === true && ++this.broken >= limits.brokenAttempts) return undefined;
    const { timing, random = Math.random } = this.options;
    const backoff = backoffMs(this.attempts++, timing.backoffMs, timing.backoffMaxMs, random);
    // Never earlier than asked, and not everybody at the same moment.
    const waitMs =
      failure.retry === "backoff" ? backoff : failure.retry.afterMs + random() * timing.backoffMs;
    const now = performance.now();
    this.failedAt ??= now;
    return now - this.failedAt + waitMs > timing.chatRetryMs ? undefined : waitMs;
  }
}
