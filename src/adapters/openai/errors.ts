/**
 * Everything that can go wrong with a chat API, in one table. What leaves this file holds status, codes and ids only:
 * a server's message may quote the prompt or the key, and the client's error objects hold headers.
 */

import { APIConnectionError, APIError } from "openai";
import type { RateLimits } from "../../core/chat-api.ts";
import { ChatApiError, type ChatApiProblem, type RequestFate, type Retry } from "../../core/errors.ts";
import { proxyFault } from "../../core/proxy.ts";
import { readRateLimits } from "./rate-limits.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Why an attempt failed before its first token. */
export interface Failure {
  readonly problem: ChatApiProblem;
  readonly retry: Retry;
  /** Status, code and request id, for the operator: `HTTP 429 rate_limit_exceeded, request req_7`. */
  readonly facts: string;
  /** The parameter that the server refuses by name. */
  readonly parameter?: string;
  /** The model may have worked for it, so each further try may cost money. */
  readonly answered?: boolean;
  /** What to do about it, where that is not told by the problem. */
  readonly advice?: string;
  /** `counted` unless given. */
  readonly fate?: RequestFate;
  /** What the refusal's headers tell. */
  readonly limits?: RateLimits;
}

type Row = readonly [ChatApiProblem, "never" | "backoff"];

/** By `code`, or else `type`: of OpenAI (platform-facts C3), Azure, llama.cpp, LiteLLM, vLLM, Ollama (C7). */
const byName: ReadonlyMap<string, Row> = new Map<string, Row>([
  ["invalid_api_key", ["key-refused", "never"]],
  ["insufficient_quota", ["quota-used-up", "never"]],
  ["credit_balance_exhausted", ["quota-used-up", "never"]],
  ["organization_spend_limit_exceeded", ["quota-used-up", "never"]],
  ["project_spend_limit_exceeded", ["quota-used-up", "never"]],
  ["organization_usage_limit_exceeded", ["quota-used-up", "never"]],
  ["billing_hard_limit_reached", ["quota-used-up", "never"]],
  ["budget_exceeded", ["quota-used-up", "never"]],
  ["model_not_found", ["model-not-found", "never"]],
  ["DeploymentNotFound", ["model-not-found", "never"]],
  ["key_model_access_denied", ["model-not-found", "never"]],
  ["context_length_exceeded", ["context-too-long", "never"]],
  ["exceed_context_size_error", ["context-too-long", "never"]],
  ["content_filter", ["refused", "never"]],
  ["content_policy_violation", ["refused", "never"]],
  ["unsupported_country_region_territory", ["refused", "never"]],
  ["rate_limit_exceeded", ["overloaded", "backoff"]],
  ["throttling_error", ["overloaded", "backoff"]],
  ["slow_down", ["overloaded", "backoff"]],
  ["server_is_overloaded", ["overloaded", "backoff"]],
  ["service_unavailable_error", ["overloaded", "backoff"]],
  ["server_error", ["overloaded", "backoff"]],
]);

/** By status, for whatever has no name of the table above. */
const byStatus: ReadonlyMap<number, Row> = new Map<number, Row>([
  [401, ["key-refused", "never"]],
  [402, ["quota-used-up", "never"]],
  [403, ["key-refused", "never"]],
  [404, ["model-not-found", "never"]],
  [408, ["overloaded", "backoff"]],
  [409, ["overloaded", "backoff"]],
  [413, ["context-too-long", "never"]],
  [429, ["overloaded", "backoff"]],
]);

/** vLLM and LiteLLM tell a context that is too long from other bad requests by their message alone. */
const contextTooLong = /ContextWindowExceededError|maximum context length/u;

/** Certificates do not mend themselves. */
const neverConnects = /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_INVALID_URL)/u;

/** Nobody has got the request. */
const neverArrived =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS_)/u;

/** What to do about it, for the operator. */
const advice: Readonly<Record<ChatApiProblem, string>> = {
  "key-refused": "Check OPENAI_API_KEY, and OPENAI_ORGANIZATION and OPENAI_PROJECT when set.",
  "quota-used-up": "Raise the limit or top up the account.",
  "model-not-found": "Check OPENAI_MODEL and OPENAI_BASE_URL.",
  overloaded: "Its limits may be too low for this load.",
  unreachable: "Check OPENAI_BASE_URL and the network.",
  "context-too-long": "Lower CONTEXT_TOKENS.",
  refused: "The request itself was not accepted.",
  silent: "Raise OPENAI_FIRST_TOKEN_TIMEOUT if it needs longer.",
};

/** The failure behind what the client threw. */
export function toFailure(error: unknown): Failure {
  if (error instanceof APIConnectionError) return connectionFailure(error);
  if (!(error instanceof APIError)) return connectionFailure(error);
  const headers: Headers | undefined = error.headers;
  const failure = { ...bodyFailure(error.error, error.status), ...toFate(error.status, headers) };
  const requestId = word(headers?.get("x-request-id"));
  const facts = failure.facts + (requestId === undefined ? "" : `, request ${requestId}`);
  if (failure.retry === "never" || headers?.get("x-should-retry") === "false") {
    return { ...failure, facts, retry: "never" };
  }
  const afterMs = headers === undefined ? undefined : retryAfterMs(headers, Date.now());
  return { ...failure, facts, retry: afterMs === undefined ? "backoff" : { afterMs } };
}

/** A 429 is a rate limit's, whatever it calls itself; where nothing helps, the problem says so. */
function toFate(status: number | undefined, headers: Headers | undefined): Pick<Failure, "fate" | "limits"> {
  if (status !== 429) return {};
  const limits = headers && readRateLimits(headers);
  return { fate: "limited", ...(limits && { limits }) };
}

/**
 * The failure told by an error's body, as it comes with a status or within a stream.
 * @param status absent within a stream; then a code that is a number stands for it, as LiteLLM and OpenRouter send
 */
export function bodyFailure(body: unknown, status?: number): Failure {
  const code = word(field(body, "code"));
  const type = word(field(body, "type"));
  const effective = status ?? (Number(code) || undefined);
  const [problem, retry] = classify(body, code, type, effective);
  const facts = [
    status === undefined ? "an error within the stream" : `HTTP ${status}`,
    code === String(effective) ? undefined : code,
    type === code ? undefined : type,
  ];
  const parameter = effective === 400 || effective === 422 ? word(field(body, "param")) : undefined;
  return {
    problem,
    retry,
    facts: facts.filter((fact) => fact !== undefined).join(" "),
    ...(parameter === undefined ? {} : { parameter }),
  };
}

function classify(body: unknown, code?: string, type?: string, status?: number): Row {
  const named = byName.get(code ?? "") ?? byName.get(type ?? "");
  if (named !== undefined) return named;
  const message = field(body, "message");
  if (typeof message === "string" && contextTooLong.test(message)) return ["context-too-long", "never"];
  // A page instead of an error object: that address is no chat API.
  if (status === 404 && body === undefined) return ["unreachable", "never"];
  if (status === undefined || status >= 500) return ["overloaded", "backoff"];
  return byStatus.get(status) ?? (status < 400 ? ["unreachable", "never"] : ["refused", "never"]);
}

function connectionFailure(error: unknown): Failure {
  const code = codeOf(error);
  const fault = proxyFault(code);
  if (fault !== undefined) {
    const advice = "Check OPENAI_PROXY_URL.";
    return { problem: "unreachable", retry: "backoff", facts: fault, advice, fate: "unsent" };
  }
  const retry = code !== undefined && neverConnects.test(code) ? "never" : "backoff";
  const fate = code !== undefined && neverArrived.test(code) ? "unsent" : "counted";
  return { problem: "unreachable", retry, facts: code ?? "the connection failed", fate };
}

/** The first code in the chain of causes: `ECONNREFUSED`, `UND_ERR_SOCKET`. */
function codeOf(error: unknown): string | undefined {
  for (
    let link = error, depth = 0;
    link !== undefined && depth < 5;
    link = field(link, "cause"), depth += 1
  ) {
    const code = word(field(link, "code"));
    if (code !== undefined) return code;
  }
  return undefined;
}

/** The error that leaves this adapter. Its cause says the facts again: the client's own objects would say too much. */
export function toChatApiError(failure: Failure, model: string, origin: string): ChatApiError {
  const message = `The chat API at ${origin} did not answer for model ${model}: ${failure.problem} (${failure.facts}). ${failure.advice ?? advice[failure.problem]}`;
  const { facts, fate = "counted", limits } = failure;
  return new ChatApiError(failure.problem, message, failure.retry, {
    cause: new Error(facts),
    fate,
    ...(limits && { limits }),
  });
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Reflect.get(value, name) ?? undefined;
}

/** A code or id, when it looks like one; whatever is longer or has spaces may be a text. */
function word(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && /^[\w.[\]-]{1,64}$/u.test(value) ? value : undefined;
}
