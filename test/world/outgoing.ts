/** Every TCP connection that this process opens, so that a test can say where none may lead. */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { z } from "zod";

const opened = z.object({ socket: z.custom<Socket>() });

/** The connections opened since it was made. */
export class OutgoingConnections implements Disposable {
  readonly #sockets: { readonly socket: Socket; port: number | undefined }[] = [];
  readonly #note = (message: unknown) => {
    const entry = { socket: opened.parse(message).socket, port: undefined as number | undefined };
    entry.socket.once("connect", () => {
      entry.port = entry.socket.remotePort;
    });
    this.#sockets.push(entry);
  };

  constructor() {
    subscribe("net.client.socket", this.#note);
  }

  /** The ports that connections other than `known` were made to. */
  ports(known: ReadonlySet<Socket> = new Set()): readonly number[] {
    const others = this.#sockets.filter(({ socket }) => !known.has(socket));
    return [...new Set(others.flatMap(({ port }) => port ?? []))];
  }

  [Symbol.dispose](): void {
    unsubscribe("net.client.socket", this.#note);
  }
}
