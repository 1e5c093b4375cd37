/** The errors of Parley's own: one class per decision that a catcher makes. */

import type { RateLimits } from "./chat-api.ts";

/** May the same work succeed later? */
export type Retry = "never" | "backoff" | { readonly afterMs: number };

/** `operator`: not by itself, but when somebody has mended what is set or allowed. */
export type RetryOrMend = Retry | "operator";

/** An error that answers for itself. Its message may be logged: it holds ids and numbers, never texts or secrets. */
export abstract class ParleyError extends Error {
  abstract override readonly name: string;
  abstract readonly retry: RetryOrMend;
}

/** A platform answered a question of ours (a name, an identity) with an error. */
export class PlatformError extends ParleyError {
  override readonly name = "PlatformError";
  readonly retry: RetryOrMend;

  constructor(message: string, retry: RetryOrMend, options: { cause: unknown }) {
    super(message, options);
    this.retry = retry;
  }
}

/** Why the chat API did not answer, as a person or an operator would put it. */
export type ChatApiProblem =
  /** The key is missing, wrong or not allowed. */
  | "key-refused"
  /** Paid quota or a spending limit is used up. */
  | "quota-used-up"
  | "model-not-found"
  /** Rate limits or overload lasted longer than we wait. */
  | "overloaded"
  | "unreachable"
  /** The context is longer than the model takes. */
  | "context-too-long"
  /** The request was refused for another reason (content policy, a parameter). */
  | "refused"
  /** No event came within the time allowed. */
  | "silent";

/** What became of the request, for whoever counts requests: a rate limit refused it, it never got there, or it was counted. */
export type RequestFate = "limited" | "unsent" | "counted";

/** The chat API failed before the first token, after whatever retries make sense. */
export class ChatApiError extends ParleyError {
  override readonly name = "ChatApiError";
  readonly retry: Retry;
  readonly problem: ChatApiProblem;
  readonly fate: RequestFate;
  /** What the server's refusal told of its limits. */
  readonly limits: RateLimits | undefined;

  constructor(
    problem: ChatApiProblem,
    message: string,
    retry: Retry,
    options: { cause?: unknown; fate?: RequestFate; limits?: RateLimits } = {},
  ) {
    super(message, options);
    this.problem = problem;
    this.retry = retry;
    this.fate = options.fate ?? "counted";
    this.limits = options.limits;
  }
}

/** Why an answer is stopped whose question was taken back; the reason of the signal that stops it. */
export class QuestionDeleted extends Error {
  override readonly name = "QuestionDeleted";

  constructor() {
    super("The question was deleted.");
  }
}

/** Why an answer is stopped whose asker has said more meanwhile; the reason of the signal that stops it. */
export class QuestionOvertaken extends Error {
  override readonly name = "QuestionOvertaken";

  constructor() {
    super("The person has said more.");
  }
}
