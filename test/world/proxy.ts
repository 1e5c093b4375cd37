/** A TCP proxy before a unix socket, for cutting and freezing connections as a network does, at any command. */

import { connect, createServer, type Socket } from "node:net";

/** Chooses a command by what of it goes over the wire. */
export type CommandMatch = (wire: Buffer) => boolean;

/** A proxy on loopback. */
export interface TestProxy extends AsyncDisposable {
  /** `redis://127.0.0.1:…` */
  readonly url: string;
  /** Nothing passes either way and nobody is told: a half-open connection. New connections hang as well. */
  blackhole(): void;
  /** Resets every connection and forgets what was held back; new connections pass. */
  reset(): void;
  /**
   * Resets every connection at the `nth` command from now, `before` it reaches the server or `after` it was sent on; new
   * connections pass. Resolves when that has happened.
   */
  resetAt(nth: number, when: "before" | "after"): Promise<void>;
  /** Lets everything pass again; what was held back flows. */
  heal(): void;
  /**
   * Goes dark at the next command that `matches`: `before` it reaches the server, or `after` it did, so that it is
   * carried out and nobody hears of it. Resolves when that has happened.
   */
  darkAt(matches: CommandMatch, when: "before" | "after"): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

interface Trap {
  readonly matches: CommandMatch;
  readonly when: "before" | "after";
  hit: boolean;
  readonly sprung: PromiseWithResolvers<void>;
}

/** Starts a proxy before the server that listens on `socket`. */
export async function startTestProxy(socket: string): Promise<TestProxy> {
  const proxy = new SocketProxy(socket);
  await proxy.listen();
  return proxy;
}

class SocketProxy implements TestProxy {
  readonly #socket: string;
  readonly #pairs = new Set<Pair>();
  readonly #server = createServer((client) => this.#accept(client));
  /** What was held back, in order, with where it goes. */
  #held: (() => void)[] = [];
  #open = true;
  #trap: Trap | undefined;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await new Promise((resolve) => this.#server.once("listening", resolve));
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy has no port");
    return `redis://127.0.0.1:${address.port}`;
  }

  blackhole(): void {
    this.#open = false;
  }

  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    this.#pairs.clear();
    this.#held = [];
    this.#trap = undefined;
    this.#open = true;
  }

  heal(): void {
    this.#open = true;
    this.#trap = undefined;
    for (const flow of this.#held.splice(0)) flow();
  }

  async darkAt(matches: CommandMatch, when: "before" | "after"): Promise<void> {
    const sprung = Promise.withResolvers<void>();
    this.#trap = { matches, when, hit: false, sprung };
    await sprung.promise;
  }

  async resetAt(nth: number, when: "before" | "after"): Promise<void> {
    let left = nth;
    await this.darkAt(() => {
      left -= 1;
      return left === 0;
    }, when);
    // What was sent on is carried out; its answer has no way back any more.
    this.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const server = connect(this.#socket);
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on("data", (data) => {
      if (this.#open) this.#look(data);
      this.#pass(() => server.write(data));
      if (this.#trap?.hit) this.#spring(this.#trap);
    });
    server.on("data", (data) => this.#pass(() => client.write(data)));
    for (const end of [client, server]) {
      end.on("error", () => undefined);
      // A cut network does not tell the other side.
      end.on("close", () => this.#pass(() => this.#end(pair)));
    }
  }

  #pass(flow: () => void): void {
    if (this.#open) flow();
    else this.#held.push(flow);
  }

  #look(data: Buffer): void {
    const trap = this.#trap;
    if (!trap?.matches(data)) return;
    trap.hit = true;
    if (trap.when === "before") this.#open = false;
  }

  #spring(trap: Trap): void {
    this.#open = false;
    this.#trap = undefined;
    trap.sprung.resolve();
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}
