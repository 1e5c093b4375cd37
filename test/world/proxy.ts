/** A TCP proxy before a unix socket, for cutting and freezing connections as a network does. */

import { connect, createServer, type Socket } from "node:net";

/** A proxy on loopback. */
export interface TestProxy extends AsyncDisposable {
  /** `redis://127.0.0.1:…` */
  readonly url: string;
  /** Nothing passes either way and nobody is told: a half-open connection. New connections hang as well. */
  blackhole(): void;
  /** Resets every connection; new ones pass. */
  reset(): void;
  /** Lets everything pass again; what was held back flows. */
  heal(): void;
}

/** Starts a proxy before the server that listens on `socket`. */
export async function startTestProxy(socket: string): Promise<TestProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  let open = true;
  const proxy = createServer((client) => {
    const server = connect(socket);
    const pair = { client, server };
    pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    for (const end of [client, server]) {
      end.on("error", () => undefined);
      end.on("close", () => {
        // A cut network does not tell the other side.
        if (!open) return;
        pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
    if (!open) {
      client.unpipe(server);
      server.unpipe(client);
      client.pause();
      server.pause();
    }
  });
  proxy.listen(0, "127.0.0.1");
  await new Promise((resolve) => proxy.once("listening", resolve));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");
  return {
    url: `redis://127.0.0.1:${address.port}`,
    blackhole() {
      open = false;
      for (const { client, server } of pairs) {
        client.unpipe(server);
        server.unpipe(client);
        client.pause();
        server.pause();
      }
    },
    reset() {
      for (const { client, server } of pairs) {
        client.resetAndDestroy();
        server.destroy();
      }
      pairs.clear();
    },
    heal() {
      open = true;
      for (const { client, server } of pairs) {
        client.pipe(server);
        server.pipe(client);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
