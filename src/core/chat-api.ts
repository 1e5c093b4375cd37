/** The port to an OpenAI-compatible chat API. */

import type { ParameterValues } from "./settings/declarations.ts";

/** One message of the request, in the API's own words. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What an admin may set for a model's calls; what is absent is not sent. Names and ranges: `settings/declarations.ts`. */
export type ChatParameters = Omit<ParameterValues, "safetyIdentifier"> & {
  /** Tells end users apart without naming them, at most 64 characters. */
  readonly safetyIdentifier?: string | undefined;
};

/** What one call needs. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly parameters?: ChatParameters;
}

/** Tokens as the API counted them. */
export interface ChatUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/**
 * How an answer ended: `stop` and `length`, `content_filter` are the API's own; `interrupted`: the stream broke, fell
 * silent or passed a size limit after its first token; `stopped`: our signal ended it.
 */
export type ChatFinish = "stop" | "length" | "content_filter" | "interrupted" | "stopped";

/** What the stream yields: parameters that were left out, text pieces, then exactly one end. */
export type ChatEvent =
  /** The model has refused this parameter, by the API's own word; the answer is made without it, here and from now on. */
  | { readonly kind: "left-out"; readonly parameter: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "end"; readonly finish: ChatFinish; readonly usage: ChatUsage | undefined };

/** One limit of a server, as its headers tell it. */
export interface RateLimit {
  /** Requests or tokens. */
  readonly limit: number;
  /** Undefined: not told. */
  readonly remaining: number | undefined;
  readonly per: "minute" | "day";
}

/** What a server's headers tell of its limits; what they do not tell is absent. */
export interface RateLimits {
  readonly requests?: RateLimit;
  readonly tokens?: RateLimit;
}

/** Whoever keeps count of the requests that one answer takes. */
export interface CallWatch {
  /** The server has accepted the request. Called at its headers. @param limits undefined: it told none */
  accepted(limits: RateLimits | undefined): void;
  /** The first token came, of reasoning as well. */
  begun(): void;
  /** Before the request is made again. @returns false when it may not be, or not soon */
  again(): Promise<boolean>;
}

/** The chat API, as the turn sees it. */
export interface ChatApi {
  /**
   * Streams one answer. Retries happen only before the first token; after it the stream always ends by an `end` event.
   * @param signal ends the call: the stream then yields `end` with `stopped`
   * @param watch asked before each further request; with it, what a rate limit refused is not asked again here
   * @throws ChatApiError when there is no first token
   */
  stream(request: ChatRequest, signal: AbortSignal, watch?: CallWatch): AsyncIterable<ChatEvent>;
  /** Tokens that `model` takes in one request, prompt and answer together; 8,192 when nobody knows. */
  contextWindow(model: string): number;
}
