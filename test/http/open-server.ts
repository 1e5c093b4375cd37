/** The HTTP server with one route that keeps what it was given, and plain sockets to it. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { createEvents } from "../../src/core/events.ts";
import type { HttpReply, HttpRequest } from "../../src/core/platform/intake.ts";
import type { Timing } from "../../src/core/timing.ts";
import { startHttpServer } from "../../src/http/server.ts";
import { fastTiming } from "../world/timing.ts";

/** How a server under test is set up. */
export interface OpenServerOptions {
  readonly timing?: Partial<Timing>;
  readonly notReady?: () => Promise<readonly string[]>;
  readonly handle?: (request: HttpRequest) => Promise<HttpReply>;
}

/** A server under test. */
export interface OpenServer extends AsyncDisposable {
  readonly url: string;
  /** What came through to the route at `POST /hook`. */
  readonly received: HttpRequest[];
  /** Every line logged. */
  readonly log: string[];
  /** A connection, and all that comes back on it. */
  connect(): Promise<RawConnection>;
}

/** A connection without a client's manners. */
export interface RawConnection {
  readonly socket: Socket;
  /** What came back so far. */
  readonly heard: () => string;
  /** Resolves when what came back holds `text`. */
  hears(text: string): Promise<void>;
  /** Resolves when the server has closed it. */
  readonly closed: Promise<unknown>;
}

/** Starts it; disposing it closes it and every connection. */
export async function openServer(options: OpenServerOptions = {}): Promise<OpenServer> {
  const received: HttpRequest[] = [];
  const log: string[] = [];
  const sockets: Socket[] = [];
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    notReady: options.notReady ?? (async () => []),
    routes: [
      {
        platform: "test",
        method: "POST",
        path: "/hook",
        handle: async (request) => {
          received.push(request);
          return (await options.handle?.(request)) ?? { status: 200, body: "taken" };
        },
      },
    ],
    events: createEvents(pino({ level: "trace" }, { write: (line: string) => log.push(line) })),
    timing: { ...fastTiming, ...options.timing },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    received,
    log,
    async connect() {
      const socket = connect(server.port, "127.0.0.1");
      sockets.push(socket);
      let heard = "";
      socket.setEncoding("utf8").on("data", (data: string) => {
        heard += data;
      });
      socket.on("error", () => undefined);
      const closed = once(socket, "close");
      await once(socket, "connect");
      const hears = async (text: string) => {
        while (!heard.includes(text)) await Promise.race([once(socket, "data"), closed.then(fail)]);
      };
      const fail = () => {
        throw new Error(`The connection was closed after: ${heard}`);
      };
      return { socket, heard: () => heard, hears, closed };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
    },
  };
}
