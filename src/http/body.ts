/** Reads the bodies of requests: each up to a size, and all that are under way together up to another. */

import type { IncomingMessage, ServerResponse } from "node:http";

/** The largest body, in bytes. */
const largestBody = 1_048_576;

/** What all unfinished bodies may take together, in bytes. */
const unfinishedBytes = 16 * largestBody;

/** How reading ended. */
export type Body =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  /** Above {@link largestBody}; of what is still sent as much again is read and thrown away, then no more. */
  | { readonly kind: "large" }
  /** The connection ended before the body did. */
  | { readonly kind: "cut" };

/** Reads bodies. */
export interface BodyReader {
  read(request: IncomingMessage, response: ServerResponse): Promise<Body>;
}

/**
 * Makes the reader of one server. Where bodies that have not ended yet take too much memory, the largest is given up
 * with its connection: a flood of large ones then costs itself, and small ones get through.
 */
export function createBodyReader(): BodyReader {
  const unfinished = new Map<Growing, IncomingMessage>();
  let total = 0;
  const grow = (body: Growing, chunk: Buffer) => {
    total += body.add(chunk);
    while (total > unfinishedBytes) {
      const largest = [...unfinished.keys()].reduce((one, other) => (other.size > one.size ? other : one));
      unfinished.get(largest)?.destroy();
      forget(largest);
    }
  };
  const forget = (body: Growing) => {
    if (unfinished.delete(body)) total -= body.size;
  };
  return {
    async read(request, response) {
      if (Number(request.headers["content-length"] ?? 0) > largestBody) {
        readOn(request);
        return { kind: "large" };
      }
      if (request.headers.expect !== undefined) response.writeContinue();
      const body = new Growing();
      unfinished.set(body, request);
      try {
        return await collect(request, body, (chunk) => grow(body, chunk));
      } finally {
        forget(body);
      }
    },
  };
}

function collect(request: IncomingMessage, body: Growing, grow: (chunk: Buffer) => void): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  const take = (chunk: Buffer) => {
    if (body.length + chunk.length <= largestBody) return grow(chunk);
    readOn(request.off("data", take));
    resolve({ kind: "large" });
  };
  request
    .on("data", take)
    .once("end", () => resolve({ kind: "whole", bytes: body.bytes }))
    .once("close", () => resolve({ kind: "cut" }))
    .on("error", () => resolve({ kind: "cut" }));
  return promise;
}

/** For who is nearly done and may then ask again on the same connection; the rest is held back by not being read. */
function readOn(request: IncomingMessage): void {
  let left = largestBody;
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.pause();
  });
}

/** Bytes in one piece: a list of chunks would cost a hundred bytes for each, and a sender chooses how many there are. */
class Growing {
  #buffer = Buffer.alloc(0);
  length = 0;

  /** The memory that is taken, in bytes. */
  get size(): number {
    return this.#buffer.length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** @returns by how many bytes {@link size} has grown */
  add(chunk: Buffer): number {
    const before = this.size;
    const needed = this.length + chunk.length;
    if (needed > before) {
      const larger = Buffer.alloc(Math.min(largestBody, Math.max(4_096, needed, before * 2)));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.length);
    this.length = needed;
    return this.size - before;
  }
}
