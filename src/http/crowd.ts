/** Keeps room for whoever comes: of too many connections, those go that have waited longest without a request. */

import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Connections held at a time. Platforms open at most a hundred; each costs some ten kilobytes. */
const mostConnections = 2_000;

/** The connections of a server. */
export interface Crowd {
  /** Marks a connection as one whose request is being answered, until the mark is disposed of. */
  busy(socket: Socket): Disposable;
}

/** Watches the connections of `server` from now on. */
export function watchCrowd(server: Server): Crowd {
  /** In the order in which they began to wait. */
  const waiting = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    waiting.add(socket);
    socket.once("close", () => waiting.delete(socket));
    if (waiting.size <= mostConnections) return;
    const [longest] = waiting;
    longest?.destroy();
  });
  return {
    busy(socket) {
      waiting.delete(socket);
      return {
        [Symbol.dispose]: () => {
          if (!socket.destroyed) waiting.add(socket);
        },
      };
    },
  };
}
