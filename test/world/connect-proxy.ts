/** A real HTTP proxy on loopback that knows CONNECT and nothing else, and can be taken away. */

import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Certificate } from "./certificate.ts";

/** One tunnel that was asked for. */
export interface AskedTunnel {
  /** `host:port`, as it was asked for. */
  readonly host: string;
  /** Decoded from `Proxy-Authorization`. */
  readonly credentials: string | undefined;
}

/** How the proxy behaves from now on: as it is meant to, an HTTP status instead of a tunnel, or no word at all. */
export type ProxyMood = "open" | "silent" | number;

/** A proxy. It is disposed of with all that goes through it. */
export class ConnectProxy implements AsyncDisposable {
  mood: ProxyMood = "open";
  readonly asked: AskedTunnel[] = [];
  /** Every socket to a party that the proxy has opened. */
  readonly outgoing = new Set<Socket>();
  readonly #incoming = new Set<Socket>();
  readonly #server: Server;
  #port = 0;

  /** @param certificate given: the proxy itself is reached over TLS */
  constructor(certificate?: Certificate) {
    this.#server = certificate === undefined ? createServer() : createSecureServer({ ...certificate });
    this.#server.on("connect", (request, socket: Socket, head) => this.#tunnel(request, socket, head));
    this.#server.on("request", (_request, response) => response.writeHead(405).end());
    this.#server.on("connection", (socket: Socket) => {
      this.#incoming.add(socket);
      socket.on("close", () => this.#incoming.delete(socket));
    });
  }

  /** Listens, where it has listened before if it ever has. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** `http://user:secret@127.0.0.1:…` */
  url(credentials = ""): string {
    return `http://${credentials === "" ? "" : `${credentials}@`}127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Closes every connection and listens no more; {@link listen} brings it back at the same address. */
  async die(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of [...this.#incoming, ...this.outgoing]) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.die();
  }

  #tunnel(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const host = request.url ?? "";
    const [, encoded] = /^Basic (.+)$/.exec(request.headers["proxy-authorization"] ?? "") ?? [];
    const credentials = encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString();
    this.asked.push({ host, credentials });
    socket.on("error", () => socket.destroy());
    if (this.mood === "silent") {
      // Read, or its end would never be noticed.
      socket.resume().once("end", () => socket.destroy());
      return;
    }
    if (this.mood !== "open") {
      socket.end(`HTTP/1.1 ${this.mood} Not Today\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [, name = "", port = ""] = /^\[?(.+?)\]?:(\d+)$/.exec(host) ?? [];
    const party = connect({ host: name, port: Number(port) });
    this.outgoing.add(party);
    party.once("connect", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) party.write(head);
      party.pipe(socket).pipe(party);
    });
    party.once("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    party.once("close", () => socket.destroy());
    socket.once("close", () => party.destroy());
  }
}

/** Starts a proxy. */
export async function startConnectProxy(certificate?: Certificate): Promise<ConnectProxy> {
  const proxy = new ConnectProxy(certificate);
  await proxy.listen();
  return proxy;
}
