/** An adapter's routes on the service's own HTTP server, without the rest of the service. */

import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { Events } from "../../src/core/events.ts";
import type { HttpRoute } from "../../src/core/platform/intake.ts";
import type { Timing } from "../../src/core/timing.ts";
import { startHttpServer } from "../../src/http/server.ts";

/** A server that listens. */
export interface RouteServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
}

/** Serves `routes` on a port of their own. */
export async function serveRoutes(
  routes: readonly HttpRoute[],
  events: Events,
  timing: Timing,
): Promise<RouteServer> {
  const notReady = async () => [];
  const served = routes.map(({ method, path, handle }) => ({ platform: "test", method, path, handle }));
  const options = { host: "127.0.0.1", port: 0, notReady, events, timing };
  const server = await startHttpServer({ ...options, routes: served });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What `/readyz` says at `origin`, on a connection that is not kept. */
export async function isReady(origin: string): Promise<boolean> {
  const [response] = (await once(get(`${origin}/readyz`, { agent: false }), "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode === 200;
}
