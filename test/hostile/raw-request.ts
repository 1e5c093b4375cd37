/** Requests as nobody's client would make them, to a service's HTTP server. */

import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";

/** One request. */
export interface RawRequest {
  /** Default POST. */
  readonly method?: string;
  readonly path: string;
  /** A list is sent as a header that comes more than once. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** Makes it on a connection of its own. @returns the status of the answer */
export async function statusOf(origin: string, { method, path, headers, body }: RawRequest): Promise<number> {
  const asked = request(`${origin}${path}`, {
    method: method ?? "POST",
    agent: false,
    headers: { ...headers },
  });
  const answered = once(asked, "response");
  // Refused before all of it was sent: what counts is the answer.
  asked.on("error", () => undefined);
  asked.end(body);
  const [response] = (await Promise.race([answered, once(asked, "close")])) as [IncomingMessage?];
  if (response === undefined) throw new Error("The connection was closed without an answer");
  response.resume();
  return response.statusCode ?? 0;
}

/** A connection that has sent `text` so far. It is the test's to close; errors on it are the server's right. */
export async function connection(origin: string, text = ""): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  // Read, or its end would never be noticed.
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

/** Resolves when the connection is closed, however. */
export async function isClosed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise((resolve) => socket.once("close", resolve));
}
