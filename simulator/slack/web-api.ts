/** Serves `/api/<method>`: authentication, faults, rates, the method, the record. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { loggedPayload, type OpenCall, type SlackCall } from "./calls.ts";
import type { Fault, Faults } from "./faults.ts";
import { argumentsOf, readBody } from "./http-body.ts";
import { type Arguments, type Method, SlackRefusal, textOf } from "./method.ts";
import { chatMethods } from "./methods/chat.ts";
import { conversationMethods } from "./methods/conversations.ts";
import { otherMethods } from "./methods/other.ts";
import { streamMethods } from "./methods/streams.ts";
import type { OAuth } from "./oauth.ts";
import { neededScope } from "./scopes.ts";
import type { Team } from "./team.ts";
import { viewMethods } from "./views.ts";

const methods: Readonly<Record<string, Method>> = {
  ...chatMethods,
  ...conversationMethods,
  ...otherMethods,
  ...streamMethods,
  ...viewMethods,
};

/** What the Web API works with. */
export interface WebApiParts {
  /** How many calls the record keeps. */
  readonly keepCalls: number;
  /** Every workspace, also those where nobody has installed the app. */
  readonly teams: readonly Team[];
  readonly faults: Faults;
  readonly appToken: string;
  readonly oauth: OAuth;
  readonly changed: () => void;
}

/** Called without a token: the app names itself. */
const accessMethod = "oauth.v2.access";

/** A call that is being served. */
interface Serving {
  readonly call: OpenCall;
  readonly args: Arguments;
  readonly caller: Caller;
  readonly response: ServerResponse;
}

/** Whose call it is. */
interface Caller {
  readonly token: string;
  /** The workspace that gave the token; for calls without one, any. */
  readonly team: Team;
  readonly scopes: readonly string[];
}

/** What is said to the caller. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The Web API of all workspaces. */
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
      teamId: undefined,
      payload: loggedPayload(args),
      atMs: Date.now(),
      status: undefined,
      answer: undefined,
      appliedAtMs: undefined,
    };
    this.counts.calls++;
    this.calls.push(call);
    if (this.calls.length > this.#parts.keepCalls) this.calls.shift();
    this.#parts.changed();
    const channel = textOf(args, "channel") || textOf(args, "channel_id") || undefined;
    const caller = this.#caller(bearer(request, args));
    if (caller.token !== "") call.teamId = caller.team.teamId;
    const refused = this.#refusal(method, caller, channel);
    const fault = this.#parts.faults.take(method, channel);
    const serving = { call, args, caller, response };
    if (fault) this.#fail(fault, serving);
    else this.#reply(serving, refused ?? this.#apply(serving));
  }

  /** Ends what is still open. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const response of this.#open) response.destroy();
  }

  #caller(token: string): Caller {
    const { teams } = this.#parts;
    const team = teams.find(({ grants, revoked }) => grants.has(token) || revoked.has(token)) ?? teams[0];
    if (team === undefined) throw new Error("There is no workspace");
    return { token, team, scopes: team.grants.get(token)?.scopes ?? [] };
  }

  #refusal(method: string, caller: Caller, channel: string | undefined): Answer | undefined {
    const error = this.#tokenFault(method, caller);
    if (error !== undefined) return { status: 200, body: { ok: false, error } };
    const missing = missingScope(method, channel, caller);
    if (missing) return { status: 200, body: missing };
    const retryAfterS = caller.team.rates.take(method, channel);
    return retryAfterS === undefined ? undefined : limited(retryAfterS);
  }

  #tokenFault(method: string, { token, team }: Caller): string | undefined {
    if (method === accessMethod) return undefined;
    if (!(method in methods)) return "unknown_method";
    if (token === "") return "not_authed";
    if (team.revoked.has(token)) return "token_revoked";
    const { appToken } = this.#parts;
    const grant = team.grants.get(token);
    if ((method === "apps.connections.open") === (token === appToken)) {
      if (grant === undefined && token !== appToken) return "invalid_auth";
      return grant?.expiresAtMs !== undefined && grant.expiresAtMs <= Date.now()
        ? "token_expired"
        : undefined;
    }
    return grant === undefined && token !== appToken ? "invalid_auth" : "not_allowed_token_type";
  }

  #apply({ call, args, caller }: Serving): Answer {
    try {
      const { team, token } = caller;
      const answered =
        call.method === accessMethod
          ? this.#parts.oauth.access(args)
          : methods[call.method]?.({ ...args, token }, team.context);
      const body = { ok: true, ...answered };
      call.appliedAtMs = Date.now();
      return { status: 200, body };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      return { status: 200, body: { ok: false, error: error.code } };
    }
  }

  #fail(fault: Fault, serving: Serving): void {
    const { call, response } = serving;
    if (fault.kind.startsWith("applied-")) this.#apply(serving);
    switch (fault.kind) {
      case "limited":
        this.#reply(serving, limited(fault.retryAfterS));
        break;
      case "error":
      case "applied-error":
        this.#reply(serving, { status: 200, body: { ok: false, error: fault.code } });
        break;
      case "http":
      case "applied-http":
        this.#reply(serving, { status: fault.status, body: undefined });
        break;
      case "reset":
      case "applied-reset":
        call.status = "reset";
        response.socket?.resetAndDestroy();
        break;
      case "late":
        this.#applyLater(fault.ms, serving);
        break;
      case "held":
        this.#open.add(response);
        void fault.until.then(() => this.#applyNow(serving));
        break;
      case "hang":
      case "applied-hang":
        call.status = "hang";
        this.#open.add(response);
        break;
      default:
        fault satisfies never;
    }
    this.#parts.changed();
  }

  #applyLater(ms: number, serving: Serving): void {
    const { response } = serving;
    this.#open.add(response);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#applyNow(serving);
    }, ms);
    this.#timers.add(timer);
  }

  #applyNow(serving: Serving): void {
    this.#open.delete(serving.response);
    this.#reply(serving, this.#apply(serving));
  }

  #reply({ call, caller, response }: Serving, { status, body, headers = {} }: Answer): void {
    call.status = status;
    if (status === 429) this.counts.limited++;
    call.answer = body;
    response.writeHead(status, {
      "content-type": body ? "application/json; charset=utf-8" : "text/html",
      "x-oauth-scopes": caller.scopes.join(","),
      ...headers,
    });
    response.end(body ? JSON.stringify(body) : "<html>Service trouble</html>");
    this.#parts.changed();
  }
}

function limited(retryAfterS: number): Answer {
  const headers = { "retry-after": String(retryAfterS) };
  return { status: 429, body: { ok: false, error: "ratelimited" }, headers };
}

function bearer(request: IncomingMessage, args: Arguments): string {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? textOf(args, "token");
}

function missingScope(method: string, channel: string | undefined, { team, scopes }: Caller): Answer["body"] {
  const needed = neededScope(method, team.workspace.channels.get(channel ?? ""));
  if (needed === undefined || scopes.includes(needed)) return undefined;
  return { ok: false, error: "missing_scope", needed, provided: scopes.join(",") };
}
