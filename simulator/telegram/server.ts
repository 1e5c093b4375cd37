/** The HTTP side: takes calls, records them, lets faults happen, answers in the Bot API's form. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { BotApiError, badRequest } from "./bot-api-error.ts";
import type { Fault, Faults } from "./faults.ts";
import { tooManyRequests } from "./messages.ts";
import { type MethodContext, methods } from "./methods.ts";
import { type ApiRequest, readRequest } from "./request.ts";

/** One call of a bot, as it came in and as it ended. */
export interface RecordedCall {
  /** Counts from 1 over all calls. */
  readonly n: number;
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Ms since 1970, and on the monotonic clock of this process. */
  readonly atMs: number;
  readonly monotonicMs: number;
  readonly fault?: Fault["kind"];
  /** True once the world has changed, or a question was answered. */
  readonly applied: boolean;
  /** The HTTP status; absent while open and when no answer was given. */
  readonly status?: number;
  /** The answer's JSON. */
  readonly answer?: unknown;
  readonly endedAtMs?: number;
  /** True when the caller hung up first. */
  readonly abandoned: boolean;
}

/** What the server is made of. */
export interface ServerParts {
  readonly token: string;
  readonly context: MethodContext;
  readonly faults: Faults;
  /** Told of every call at its beginning and at its end; `n` is the same. */
  readonly record: (call: RecordedCall) => void;
  /** Told when a socket opens or closes. */
  readonly socketsChanged: () => void;
}

/** A listening server. */
export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  /** Open sockets now, and how many there ever were. */
  readonly sockets: number;
  readonly connections: number;
}

/** Listens on loopback. @param port 0: the OS chooses */
export async function startServer(parts: ServerParts, port: number): Promise<ApiServer> {
  let calls = 0;
  let sockets = 0;
  let connections = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    calls += 1;
    const n = calls;
    handle(request, response, n, parts).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets += 1;
    connections += 1;
    parts.socketsChanged();
    socket.on("close", () => {
      sockets -= 1;
      parts.socketsChanged();
    });
  });
  await listen(server, port);
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${chosen}`,
    get sockets() {
      return sockets;
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  n: number,
  parts: ServerParts,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const file = fileAt(request.url ?? "", parts);
  if (file !== undefined) return sendFile(response, file);
  const call = await readRequest(request);
  if (call === undefined || call.token !== parts.token) {
    const wrong =
      call === undefined ? new BotApiError(404, "Not Found") : new BotApiError(401, "Unauthorized");
    send(response, toAnswer(wrong));
    return;
  }
  const chatId = toChatId(call.payload.chat_id);
  const fault = parts.faults.next(call.method, chatId);
  const running = new RunningCall(call, n, fault, parts);
  if (fault?.kind === "limit" && chatId !== undefined) {
    const what = call.method === "sendMessageDraft" ? "draft" : "chat";
    parts.context.flood.block(chatId, performance.now(), fault.retryAfterS, what);
  }
  await actOut(fault, running, response, gone.signal);
}

/** Carries a call out with its fault: what is applied, when, and what the caller gets to see. */
async function actOut(
  fault: Fault | undefined,
  call: RunningCall,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return call.end(response, await call.apply(gone));
    case "limit":
      return call.end(response, toAnswer(tooManyRequests(fault.retryAfterS)));
    case "refuse":
      return call.end(response, toAnswer(new BotApiError(fault.code, fault.description, fault.parameters)));
    case "status":
      return call.end(response, gatewayPage(fault.status));
    case "apply-then-status":
      await call.apply(gone);
      return call.end(response, gatewayPage(fault.status));
    case "reset":
      return call.reset(response);
    case "apply-then-reset":
      await call.apply(gone);
      return call.reset(response);
    case "hold":
      await held(fault.until);
      return call.end(response, await call.apply(gone));
    case "apply-then-hold": {
      const answer = await call.apply(gone);
      await held(fault.until);
      return call.end(response, answer);
    }
    case "hang":
      return;
    case "apply-then-hang":
      await call.apply(gone);
      return;
    default:
      return fault satisfies never;
  }
}

async function held(until: number | Promise<unknown>): Promise<void> {
  await (typeof until === "number" ? sleep(until, undefined, { ref: false }) : until);
}

/** `/file/bot<token>/documents/<id>`. */
function fileAt(url: string, { token, context }: ServerParts): Buffer | undefined {
  const [, given, id] = /^\/file\/bot([^/]+)\/documents\/([\w-]+)$/.exec(url) ?? [];
  if (given === undefined || decodeURIComponent(given) !== token) return undefined;
  return context.world.files.get(id ?? "");
}

function sendFile(response: ServerResponse, content: Buffer): void {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": content.length });
  response.end(content);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What `body` says, when it is JSON. */
  readonly value?: unknown;
}

/** One call on its way, with the line it leaves in the record. */
class RunningCall {
  readonly #request: ApiRequest;
  readonly #parts: ServerParts;
  #line: RecordedCall;

  constructor(request: ApiRequest, n: number, fault: Fault | undefined, parts: ServerParts) {
    this.#request = request;
    this.#parts = parts;
    this.#line = {
      n,
      method: request.method,
      payload: request.payload,
      atMs: Date.now(),
      monotonicMs: performance.now(),
      applied: false,
      abandoned: false,
      ...(fault === undefined ? {} : { fault: fault.kind }),
    };
    parts.record(this.#line);
  }

  /** Does what the method does. */
  async apply(gone: AbortSignal): Promise<Answer> {
    const answer = await answerOf(this.#request, this.#parts.context, gone);
    this.#record({ applied: answer.status === 200, answer: answer.value });
    return answer;
  }

  /** Gives the caller an answer, if it still listens. */
  end(response: ServerResponse, answer: Answer): void {
    const abandoned = response.destroyed || response.socket?.destroyed === true;
    this.#record({
      status: answer.status,
      ...(answer.value === undefined ? {} : { answer: answer.value }),
      endedAtMs: Date.now(),
      abandoned,
    });
    if (!abandoned) send(response, answer);
  }

  /** Cuts the connection by a TCP reset. */
  reset(response: ServerResponse): void {
    this.#record({ endedAtMs: Date.now() });
    response.socket?.resetAndDestroy();
  }

  #record(change: Partial<RecordedCall>): void {
    this.#line = { ...this.#line, ...change };
    this.#parts.record(this.#line);
  }
}

async function answerOf(request: ApiRequest, context: MethodContext, gone: AbortSignal): Promise<Answer> {
  const method = methods.get(request.method);
  try {
    if (method === undefined) throw new BotApiError(404, "Not Found");
    if (!isUtf8(request.payload)) throw badRequest("strings must be encoded in UTF-8");
    return json(200, { ok: true, result: await method(request, context, gone) });
  } catch (error) {
    if (error instanceof BotApiError) return toAnswer(error);
    throw error;
  }
}

/** False where half a surrogate pair stands anywhere. */
function isUtf8(given: unknown): boolean {
  if (typeof given === "string") return given.isWellFormed();
  return typeof given !== "object" || given === null || Object.values(given).every(isUtf8);
}

function toAnswer(error: BotApiError): Answer {
  const { code, message: description, parameters } = error;
  const answer = json(code, { ok: false, error_code: code, description, parameters });
  const retryAfter = parameters?.retry_after;
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, "retry-after": String(retryAfter) } };
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value), value };
}

/** What a proxy in front of the real server shows when it fails. */
function gatewayPage(status: number): Answer {
  return {
    status,
    headers: { "content-type": "text/html" },
    body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
  };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}

function toChatId(given: unknown): number | undefined {
  const chatId = Number(given);
  return given === undefined || Number.isNaN(chatId) ? undefined : chatId;
}
