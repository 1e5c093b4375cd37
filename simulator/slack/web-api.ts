/** Serves `/api/<method>`: authentication, faults, rates, the method, the record. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { loggedPayload, type OpenCall, type SlackCall } from "./calls.ts";
import type { Fault, Faults } from "./faults.ts";
import { argumentsOf, readBody } from "./http-body.ts";
import { type Arguments, type Method, type MethodContext, SlackRefusal, textOf } from "./method.ts";
import { chatMethods } from "./methods/chat.ts";
import { conversationMethods } from "./methods/conversations.ts";
import { otherMethods } from "./methods/other.ts";
import type { RateLimiter } from "./rates.ts";
import { neededScope } from "./scopes.ts";

const methods: Readonly<Record<string, Method>> = { ...chatMethods, ...conversationMethods, ...otherMethods };

/** What the Web API works with. */
export interface WebApiParts {
  /** How many calls the record keeps. */
  readonly keepCalls: number;
  readonly context: MethodContext;
  readonly faults: Faults;
  readonly rates: RateLimiter;
  readonly tokens: { readonly bot: string; readonly app: string };
  readonly scopes: readonly string[];
}

/** What is said to the caller. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The Web API of one workspace. */
export class WebApi {
  /** The newest `keepCalls` calls, oldest first. */
  readonly calls: SlackCall[] = [];
  /** How many calls there ever were, and how many of them were refused for their rate. */
  readonly counts = { calls: 0, limited: 0 };
  readonly #parts: WebApiParts;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #open = new Set<ServerResponse>();

  constructor(parts: WebApiParts) {
    this.#parts = parts;
  }

  /** Serves one call. */
  async serve(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const args = argumentsOf(request, await readBody(request));
    const call: OpenCall = {
      method,
      payload: loggedPayload(args),
      atMs: Date.now(),
      status: undefined,
      answer: undefined,
      appliedAtMs: undefined,
    };
    this.counts.calls++;
    this.calls.push(call);
    if (this.calls.length > this.#parts.keepCalls) this.calls.shift();
    this.#parts.context.workspace.changed();
    const channel = textOf(args, "channel") || textOf(args, "channel_id") || undefined;
    const refused = this.#refusal(method, bearer(request, args), channel);
    const fault = this.#parts.faults.take(method, channel);
    if (fault) this.#fail(fault, call, args, response);
    else this.#reply(call, response, refused ?? this.#apply(call, args));
  }

  /** Ends what is still open. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const response of this.#open) response.destroy();
  }

  #refusal(method: string, token: string, channel: string | undefined): Answer | undefined {
    const { tokens, rates } = this.#parts;
    const wanted = method === "apps.connections.open" ? tokens.app : tokens.bot;
    if (!(method in methods)) return { status: 200, body: { ok: false, error: "unknown_method" } };
    if (token === "") return { status: 200, body: { ok: false, error: "not_authed" } };
    if (token !== wanted) return { status: 200, body: { ok: false, error: wrongToken(token, tokens) } };
    const missing = this.#missingScope(method, channel);
    if (missing) return { status: 200, body: missing };
    const retryAfterS = rates.take(method, channel);
    return retryAfterS === undefined ? undefined : limited(retryAfterS);
  }

  #missingScope(method: string, channel: string | undefined): Answer["body"] {
    const { context, scopes } = this.#parts;
    const needed = neededScope(method, context.workspace.channels.get(channel ?? ""));
    if (needed === undefined || scopes.includes(needed)) return undefined;
    return { ok: false, error: "missing_scope", needed, provided: scopes.join(",") };
  }

  #apply(call: OpenCall, args: Arguments): Answer {
    try {
      const body = { ok: true, ...methods[call.method]?.(args, this.#parts.context) };
      call.appliedAtMs = Date.now();
      return { status: 200, body };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      return { status: 200, body: { ok: false, error: error.code } };
    }
  }

  #fail(fault: Fault, call: OpenCall, args: Arguments, response: ServerResponse): void {
    if (fault.kind.startsWith("applied-")) this.#apply(call, args);
    switch (fault.kind) {
      case "limited":
        this.#reply(call, response, limited(fault.retryAfterS));
        break;
      case "error":
      case "applied-error":
        this.#reply(call, response, { status: 200, body: { ok: false, error: fault.code } });
        break;
      case "http":
      case "applied-http":
        this.#reply(call, response, { status: fault.status, body: undefined });
        break;
      case "reset":
      case "applied-reset":
        call.status = "reset";
        response.socket?.resetAndDestroy();
        break;
      case "late":
        this.#applyLater(fault.ms, call, args, response);
        break;
      case "held":
        this.#open.add(response);
        void fault.until.then(() => this.#applyNow(call, args, response));
        break;
      case "hang":
      case "applied-hang":
        call.status = "hang";
        this.#open.add(response);
        break;
      default:
        fault satisfies never;
    }
    this.#parts.context.workspace.changed();
  }

  #applyLater(ms: number, call: OpenCall, args: Arguments, response: ServerResponse): void {
    this.#open.add(response);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#applyNow(call, args, response);
    }, ms);
    this.#timers.add(timer);
  }

  #applyNow(call: OpenCall, args: Arguments, response: ServerResponse): void {
    this.#open.delete(response);
    this.#reply(call, response, this.#apply(call, args));
  }

  #reply(call: OpenCall, response: ServerResponse, { status, body, headers = {} }: Answer): void {
    call.status = status;
    if (status === 429) this.counts.limited++;
    call.answer = body;
    response.writeHead(status, {
      "content-type": body ? "application/json; charset=utf-8" : "text/html",
      "x-oauth-scopes": this.#parts.scopes.join(","),
      ...headers,
    });
    response.end(body ? JSON.stringify(body) : "<html>Service trouble</html>");
    this.#parts.context.workspace.changed();
  }
}

function limited(retryAfterS: number): Answer {
  const headers = { "retry-after": String(retryAfterS) };
  return { status: 429, body: { ok: false, error: "ratelimited" }, headers };
}

function bearer(request: IncomingMessage, args: Arguments): string {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? textOf(args, "token");
}

function wrongToken(token: string, tokens: WebApiParts["tokens"]): string {
  return Object.values(tokens).includes(token) ? "not_allowed_token_type" : "invalid_auth";
}
