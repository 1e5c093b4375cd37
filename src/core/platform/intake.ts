/** The incoming side of a chat platform, and the HTTP requests that one makes of us. */

import type { IncomingHttpHeaders } from "node:http";

/** A chat platform, incoming side: long polling, a socket, or requests that the platform makes. */
export interface Intake {
  /** The paths to be served for it, in every process that takes in; empty where it connects outward. */
  readonly routes: readonly HttpRoute[];
  /** Connects and delivers into the inbox until stopped. Never rejects for a passing fault: it tries again and logs. */
  start(): Promise<void>;
  /** Ends intake; resolves when nothing received is left unwritten. */
  stop(): Promise<void>;
  /** Undefined when connected; else a sentence for `/readyz`. */
  notReady(): string | undefined;
}

/** A path of the one HTTP server on `PORT` that an adapter wants for itself. */
export interface HttpRoute {
  readonly method: "GET" | "POST";
  /** Begins with a slash; compared as it is written, without parameters or decoding. */
  readonly path: string;
  /**
   * Answers within the time that the platform allows. Meant to judge by itself: a rejection is answered 500 and logged
   * as our own defect, by its name only. Called from before `start` until after `stop`.
   */
  handle(request: HttpRequest): Promise<HttpReply>;
}

/** A request that a platform makes of us. Whether it is really the platform's is for the adapter to find out. */
export interface HttpRequest {
  /** Lower-case names; a header that came twice is joined by commas. */
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** As it came over the wire: never unpacked, at most 1 MB; empty when there was none. */
  readonly body: Buffer;
}

/** What a request is answered. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
