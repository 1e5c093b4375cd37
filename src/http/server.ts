/**
 * The one HTTP server: `/livez` and `/readyz` for supervisors, and the paths on which platforms deliver. Anybody may
 * reach it, so it keeps little of a request and for a short time, and nothing of it is ever logged.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Events } from "../core/events.ts";
import type { HttpReply, HttpRoute } from "../core/platform/intake.ts";
import type { Timing } from "../core/timing.ts";
import { StartRefused } from "../launch/refusal.ts";
import { type BodyReader, createBodyReader } from "./body.ts";
import { type Crowd, watchCrowd } from "./crowd.ts";

/** What the server needs. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0: the operating system chooses. */
  readonly port: number;
  /** Sentences that say what is not ready; empty = ready. */
  readonly notReady: () => Promise<readonly string[]>;
  /** What the platforms' intakes want served besides. */
  readonly routes: readonly PlatformRoute[];
  readonly events: Events;
  readonly timing: Timing;
}

/** A route and whose it is, for the log. */
export interface PlatformRoute extends HttpRoute {
  readonly platform: string;
}

/** A server that listens. Disposing it answers what it has read, cuts the rest off, and closes. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

/** How long a connection stays whose request was refused before all of it had come. */
const refusedMs = 1_000;

/** Routes by path, then by method. */
type Table = ReadonlyMap<string, ReadonlyMap<string, PlatformRoute>>;

/**
 * Starts the server. `/livez` touches no dependency: it says that the event loop answers. Paths are compared as they
 * are written, without decoding; a body is at most 1 MB, given as it came and never unpacked.
 * @throws StartRefused when the port cannot be used or two routes want the same path
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const table = toTable([...healthRoutes(options.notReady), ...options.routes]);
  const server = createPatientServer(options.timing);
  const answering = new Answering(server, table, options.events);
  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    [Symbol.asyncDispose]: () => answering.end(),
  };
}

/** Whoever sends slowly or nothing at all is cut off by Node, which looks at every connection in turns. */
function createPatientServer({ httpHeadersMs, httpRequestMs, httpIdleMs }: Timing): Server {
  const server = createServer({
    connectionsCheckingInterval: httpHeadersMs / 5,
    headersTimeout: httpHeadersMs,
    requestTimeout: httpRequestMs,
    keepAliveTimeout: httpIdleMs,
  });
  // The last resort, against who asks and does not read the answer.
  server.setTimeout(httpRequestMs + httpHeadersMs / 5);
  return server;
}

async function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject).listen({ host, port }, listening.resolve);
  await listening.promise.catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown fault";
    const advice = "set PORT to another one, or to 0.";
    throw new StartRefused(`Port ${port} of ${host} cannot be used (${code}): ${advice}`, { cause });
  });
}

function healthRoutes(notReady: () => Promise<readonly string[]>): readonly PlatformRoute[] {
  const common = { platform: "none", method: "GET" } as const;
  return [
    { ...common, path: "/livez", handle: async () => toJson(200, { status: "ok" }) },
    {
      ...common,
      path: "/readyz",
      handle: async () => {
        const reasons = await notReady();
        return toJson(reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
      },
    },
  ];
}

function toTable(routes: readonly PlatformRoute[]): Table {
  const table = new Map<string, Map<string, PlatformRoute>>();
  for (const route of routes) {
    const methods = table.get(route.path) ?? new Map<string, PlatformRoute>();
    if (methods.has(route.method)) {
      throw new StartRefused(
        `Two parts of Parley want to be served at ${route.path}: change the webhook's URL.`,
      );
    }
    table.set(route.path, methods.set(route.method, route));
  }
  return table;
}

function toJson(status: number, content: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(content),
  };
}

/** Answers requests, and knows which are being answered. */
class Answering {
  readonly #server: Server;
  readonly #table: Table;
  readonly #events: Events;
  readonly #bodies: BodyReader = createBodyReader();
  readonly #crowd: Crowd;
  readonly #handling = new Set<Promise<void>>();
  #ending = false;

  constructor(server: Server, table: Table, events: Events) {
    this.#server = server;
    this.#table = table;
    this.#events = events;
    this.#crowd = watchCrowd(server);
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch(() => response.destroy());
    };
    // Told to go on before its size is judged, a client would send in vain.
    server.on("request", answer).on("checkContinue", answer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const methods = this.#table.get(path);
    if (methods === undefined) return send(response, toJson(404, { error: "Nothing is served here." }));
    const route = methods.get(request.method === "HEAD" ? "GET" : (request.method ?? ""));
    if (route === undefined) {
      const allow = [...methods.keys()].join(", ");
      return send(response, toJson(405, { error: `Only ${allow} is served here.` }, { allow }));
    }
    const body = await this.#bodies.read(request, response);
    if (body.kind === "cut") return;
    if (body.kind === "large") {
      this.#events.requestRefused({ platform: route.platform, reason: "body too large" });
      return refuseLarge(request, response);
    }
    const handled = this.#handle(route, body.bytes, request, response);
    this.#handling.add(handled);
    await handled.finally(() => this.#handling.delete(handled));
  }

  async #handle(route: PlatformRoute, body: Buffer, request: IncomingMessage, response: ServerResponse) {
    using _busy = this.#crowd.busy(request.socket);
    const query = new URLSearchParams((request.url ?? "").split("?").slice(1).join("?"));
    const reply = await this.#replyOf(route, { headers: request.headers, query, body });
    if (this.#ending) response.setHeader("connection", "close");
    const closed = Promise.withResolvers<void>();
    response.once("close", closed.resolve);
    send(response, reply);
    if (!response.closed) await closed.promise;
  }

  async #replyOf(route: PlatformRoute, request: Parameters<HttpRoute["handle"]>[0]): Promise<HttpReply> {
    try {
      return await route.handle(request);
    } catch (error) {
      // Its message may quote the request.
      this.#events.requestFailed({
        platform: route.platform,
        cause: error instanceof Error ? error.name : "unknown",
      });
      return toJson(500, { error: "Something went wrong here." });
    }
  }

  async end(): Promise<void> {
    this.#ending = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await Promise.allSettled(this.#handling);
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Whoever goes on sending has time to read the refusal, and is then hung up on. */
function refuseLarge(request: IncomingMessage, response: ServerResponse): void {
  const hangUp = () => {
    if (!request.complete) request.destroy();
  };
  response.once("finish", () => setTimeout(hangUp, refusedMs).unref());
  send(response, toJson(413, { error: "The body is too large." }));
}

function send(response: ServerResponse, { status, headers, body }: HttpReply): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.end(body);
}
