/** Serves the page and its WebSocket on loopback, to browsers on this machine and to pages of its own origin only. */

import { once } from "node:events";
import { fastifyStatic } from "@fastify/static";
import { fastifyWebsocket, type WebSocket } from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Switchboard } from "./inner-service.ts";
import { carryOut } from "./page-acts.ts";
import type { PageFeed } from "./page-feed.ts";
import type { World } from "./world.ts";

/** What the page is served from. */
export interface PageServerOptions {
  readonly world: World;
  readonly feed: PageFeed;
  readonly switchboard: Switchboard;
  /** 0: the operating system chooses. A taken one: the next free one. */
  readonly port: number;
}

/** A page that can be opened. */
export interface PageServer extends AsyncDisposable {
  readonly port: number;
  /** `http://localhost:3000` */
  readonly url: string;
}

/** How many ports above the wished one are tried. */
const portTries = 50;

/** What the page sends at once at most, in bytes. */
const maxPayload = 256 * 1024;

const headers = {
  // What a model writes is untrusted: no script but ours, nothing from elsewhere, no markup from text.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** @throws when no port is free */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const wished = options.port;
  const ports = wished === 0 ? [0] : Array.from({ length: portTries }, (_, index) => wished + index);
  for (const port of ports.filter((candidate) => candidate <= 65_535)) {
    const server = await createServer(options);
    try {
      await server.listen({ host: "127.0.0.1", port });
    } catch (error) {
      await server.close();
      if (isTaken(error)) continue;
      throw error;
    }
    return toPageServer(server);
  }
  throw new Error(`No port from ${wished} on is free; set PORT to another one, or to 0.`);
}

function toPageServer(server: FastifyInstance): PageServer {
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, url: `http://localhost:${port}`, [Symbol.asyncDispose]: () => server.close() };
}

async function createServer(options: PageServerOptions): Promise<FastifyInstance> {
  const server = Fastify({ forceCloseConnections: true });
  // Before the hook below: only then a refused WebSocket is closed after its answer.
  await server.register(fastifyWebsocket, { options: { maxPayload } });
  server.addHook("onRequest", async (request, reply) => {
    if (isOurs(request)) return undefined;
    return await reply.code(403).send("Open the address that the terminal shows.");
  });
  server.addHook("onSend", async (_request, reply) => {
    reply.headers(headers);
  });
  await server.register(fastifyStatic, { root: new URL("page/", import.meta.url), cacheControl: false });
  server.get("/live", { websocket: true }, (socket) => serve(socket, options));
  return server;
}

function serve(socket: WebSocket, { world, feed, switchboard }: PageServerOptions): void {
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  send(feed.state());
  const end = feed.onChanges((changes) => {
    for (const change of changes) send(change);
  });
  socket.on("message", (message) => carryOut({ world, switchboard }, message.toString()));
  socket.on("error", () => socket.terminate());
  void once(socket, "close").then(end, end);
}

/**
 * True for a browser that was pointed at this machine by name, and for a page that came from here: other sites may
 * neither read the chats through a name of their own (DNS rebinding) nor type into them through a WebSocket.
 */
function isOurs({ headers: { host = "", origin } }: FastifyRequest): boolean {
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host);
  return isLocal && (origin === undefined || origin === `http://${host}`);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["EADDRINUSE", "EACCES"].includes(String(error.code));
}
