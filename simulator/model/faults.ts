/** Answers of real servers that went wrong, each in the words of the server that sends it. */

import type { BreakPoint, Fault } from "./script.ts";

type Headers = Readonly<Record<string, string>>;

function status(code: number, error: unknown, headers: Headers = {}): Fault {
  return { kind: "status", status: code, body: { error }, headers };
}

/** Every fault by name. Statuses and bodies: platform-facts C3 and C7. */
export const faults = {
  keyRefused: () =>
    status(401, {
      message: "Incorrect API key provided: sk-test-************abcd.",
      type: "invalid_request_error",
      param: null,
      code: "invalid_api_key",
    }),
  modelNotFound: () =>
    status(404, {
      message: "The model `nope` does not exist or you do not have access to it.",
      type: "invalid_request_error",
      param: null,
      code: "model_not_found",
    }),
  /** Ollama's and vLLM's 404 have no code. */
  modelNotFoundPlain: () =>
    status(404, { message: 'model "nope" not found, try pulling it first', type: "api_error", code: null }),
  /** `headers` carry the wait: `retry-after` in seconds or as a date, `retry-after-ms`, or nothing. */
  rateLimit: (headers: Headers = {}) =>
    status(
      429,
      {
        message: "Rate limit reached for requests",
        type: "requests",
        param: null,
        code: "rate_limit_exceeded",
      },
      headers,
    ),
  quotaUsedUp: () =>
    status(429, {
      message: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    }),
  spendLimit: () =>
    status(429, {
      message: "The project's spend limit has been reached.",
      type: "requests",
      param: null,
      code: "project_spend_limit_exceeded",
    }),
  slowDown: (headers: Headers = {}) =>
    status(429, { message: "Slow down", type: "requests", param: null, code: "slow_down" }, headers),
  serverError: (headers: Headers = {}) =>
    status(
      500,
      { message: "The server had an error", type: "server_error", param: null, code: null },
      headers,
    ),
  overloaded: (headers: Headers = {}) =>
    status(
      503,
      { message: "Overloaded", type: "service_unavailable_error", param: null, code: "server_is_overloaded" },
      headers,
    ),
  /** A proxy in front of the server: a web page as the body. */
  badGateway: (): Fault => ({
    kind: "status",
    status: 502,
    body: "<html><body>502 Bad Gateway</body></html>",
  }),
  badRequest: () =>
    status(400, {
      message: "Invalid value",
      type: "invalid_request_error",
      param: "messages[0].role",
      code: "invalid_value",
    }),
  contentPolicy: () =>
    status(400, {
      message: "The response was filtered due to the prompt triggering the content management policy.",
      type: null,
      param: "prompt",
      code: "content_filter",
    }),
  contextTooLong: {
    openai: () =>
      status(400, {
        message:
          "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001.",
        type: "invalid_request_error",
        param: "messages",
        code: "context_length_exceeded",
      }),
    llamaCpp: () =>
      status(400, {
        code: 400,
        message: "the request exceeds the available context size",
        type: "exceed_context_size_error",
        n_prompt_tokens: 9001,
        n_ctx: 8192,
      }),
    liteLlm: () =>
      status(400, {
        message: "litellm.ContextWindowExceededError: litellm.BadRequestError: prompt is too long",
        type: null,
        param: null,
        code: "400",
      }),
    /** vLLM names neither a code nor a type of its own. */
    vllm: () =>
      status(400, {
        message:
          "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens in the messages.",
        type: "BadRequestError",
        param: null,
        code: 400,
      }),
  },
  liteLlm: {
    rateLimit: (headers: Headers = {}) =>
      status(
        429,
        { message: "litellm.RateLimitError: throttled", type: "throttling_error", param: null, code: "429" },
        headers,
      ),
    budget: () =>
      status(400, {
        message: "Budget has been exceeded! Current cost: 10, Max budget: 10",
        type: "budget_exceeded",
        param: null,
        code: "400",
      }),
    modelDenied: () =>
      status(401, {
        message: "key not allowed to access model",
        type: "key_model_access_denied",
        param: "model",
        code: "401",
      }),
  },
  regionRefused: () =>
    status(403, {
      message: "Country, region, or territory not supported",
      type: "request_forbidden",
      param: null,
      code: "unsupported_country_region_territory",
    }),
  redirect: (location: string): Fault => ({ kind: "status", status: 302, body: "", headers: { location } }),
  silentBeforeHeaders: (): Fault => ({ kind: "mute", headers: false }),
  silentBeforeFirstByte: (): Fault => ({ kind: "mute", headers: true }),
  resetBeforeHeaders: (): Fault => ({ kind: "refuse" }),
  silence: (after: BreakPoint): Fault => ({ kind: "break", how: "silence", after }),
  /** The response is closed properly, as if it were whole. */
  cleanEnd: (after: BreakPoint): Fault => ({ kind: "break", how: "end", after }),
  fin: (after: BreakPoint): Fault => ({ kind: "break", how: "fin", after }),
  reset: (after: BreakPoint): Fault => ({ kind: "break", how: "reset", after }),
  errorEvent: (
    after: BreakPoint,
    error: unknown = { message: "Provider disconnected", type: "server_error", code: 502 },
  ): Fault => ({ kind: "break", how: "error", after, error }),
  json: (): Fault => ({ kind: "json" }),
  html: (): Fault => ({ kind: "html" }),
  longLine: (bytes = 30_000_000): Fault => ({ kind: "longLine", bytes }),
  endlessText: (): Fault => ({ kind: "endless", delta: { content: "a".repeat(64) } }),
  endlessEmptyDeltas: (): Fault => ({ kind: "endless", delta: { content: "" } }),
} as const;
