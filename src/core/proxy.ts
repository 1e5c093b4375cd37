/**
 * The way to a party through an HTTP proxy: a tunnel by CONNECT for every connection, so that the proxy learns a host's
 * name and nothing of what is said to it. What goes wrong before a tunnel stands has a code of its own, for then surely
 * nothing was sent, and an operator has to look elsewhere than at the party.
 */

import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as startTls } from "node:tls";

/** Where a connection is to lead, in the words of a URL. */
export interface ProxyTarget {
  /** Without the brackets of IPv6. */
  readonly hostname: string;
  /** Empty: the protocol's own. */
  readonly port: string | number;
  /** `https:`: TLS is spoken within the tunnel. */
  readonly protocol: string;
  /** The name that the certificate has to bear; the host's when absent. */
  readonly servername?: string | null | undefined;
}

/** Called once: with the socket, over TLS where that was wanted, or with what went wrong. */
export type Connected = (...result: [error: null, socket: Socket] | [error: Error, socket: null]) => void;

/** A proxy that connections go through. */
export interface HttpProxy {
  /** Opens a tunnel; the form in which undici wants a connector. Errors have a `code` that {@link proxyFault} knows. */
  readonly connect: (target: ProxyTarget, done: Connected) => void;
  /** Ends every connection that goes through it, also those that are coming about; later ones are opened as usual. */
  reset(): void;
}

const codePrefix = "PROXY_";

/** A tunnel did not come about. Its message holds neither the proxy's credentials nor anything sent. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** Begins with `PROXY_`: SDKs that hide the error itself pass it on. */
  readonly code: string;

  constructor(what: string, options: { cause?: unknown } = {}) {
    super(`No connection through the proxy: ${what}`, options);
    this.code = `${codePrefix}${what}`;
  }
}

/**
 * What a connection's code says of the proxy, as a clause for an operator; undefined when the proxy is not to blame.
 * Whenever it is, nothing was sent to the party.
 */
export function proxyFault(code: string | undefined): string | undefined {
  if (!code?.startsWith(codePrefix)) return undefined;
  const what = code.slice(codePrefix.length);
  const status = /^HTTP_(\d+)$/.exec(what)?.[1];
  if (status === "407") return "the proxy did not accept the user name and password (HTTP 407)";
  if (status?.startsWith("5")) return `the proxy found no way there (HTTP ${status})`;
  if (status !== undefined) return `the proxy refused to connect (HTTP ${status})`;
  if (what === timedOut) return "no connection through the proxy in time";
  if (what === brokenOff) return "the connection through the proxy broke off";
  return `the proxy cannot be reached (${what})`;
}

const timedOut = "TIMED_OUT";
const brokenOff = "BROKEN_OFF";
const ended = "ENDED";

/**
 * Makes the way through one proxy; connects nothing yet.
 * @param url `http://` or `https://`, with the proxy's credentials where it wants some
 * @param connectMs how long a tunnel may take to come about, TLS within it included
 */
export function createProxy(url: string, connectMs: number): HttpProxy {
  const entrance = toEntrance(new URL(url));
  /** What there is to end: tunnels coming about, and sockets until they close. */
  const open = new Set<() => void>();
  return {
    connect(target, done) {
      const tunnel = new Tunnel(entrance, target, (...result) => {
        clearTimeout(timer);
        open.delete(end);
        const [, socket] = result;
        if (socket !== null) {
          const close = () => void socket.destroy();
          open.add(close);
          socket.once("close", () => open.delete(close));
        }
        done(...result);
      });
      const end = () => tunnel.fail(new ProxyError(ended));
      const timer = setTimeout(() => tunnel.fail(new ProxyError(timedOut)), connectMs);
      open.add(end);
    },
    reset: () => {
      for (const end of [...open]) end();
    },
  };
}

/**
 * Makes every connection of `agent` a tunnel through `proxy`.
 * @param protocol what the agent is for: `http:` or `https:`
 */
export function leadThrough(agent: Agent, protocol: string, proxy: HttpProxy): void {
  agent.createConnection = ({ host, port }, callback) => {
    proxy.connect({ hostname: host ?? "", port: port ?? "", protocol }, (error, socket) => {
      // Node's type wants a socket beside an error; there is none.
      if (error) callback?.(error, undefined as never);
      else callback?.(null, socket);
    });
    return undefined;
  };
}

/** How a proxy is asked for a tunnel. */
type Entrance = (host: string) => ClientRequest;

function toEntrance(url: URL): Entrance {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const authorization = toAuthorization(url);
  return (host) =>
    request({
      host: url.hostname.replaceAll(/[[\]]/g, ""),
      port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
      method: "CONNECT",
      path: host,
      agent: false,
      setHost: false,
      headers: { host, connection: "keep-alive", ...authorization },
    });
}

function toAuthorization({ username, password }: URL): { readonly "proxy-authorization"?: string } {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/** One tunnel while it comes about. */
class Tunnel {
  readonly #target: ProxyTarget;
  readonly #done: Connected;
  /** What has to be destroyed when it fails now. */
  #stage: ClientRequest | Socket;
  #isOver = false;

  constructor(entrance: Entrance, target: ProxyTarget, done: Connected) {
    this.#target = target;
    this.#done = done;
    const request = entrance(toHost(target));
    this.#stage = request;
    request.once("connect", (response, socket, head) => this.#answered(response, socket, head));
    request.on("error", (error) => this.fail(new ProxyError(codeOf(error), { cause: error })));
    request.end();
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stage.destroy();
    this.#done(error, null);
  }

  #answered({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#stage = socket;
    socket.on("error", ignored);
    if (this.#isOver) socket.destroy();
    else if (statusCode < 200 || statusCode > 299) this.fail(new ProxyError(`HTTP_${statusCode}`));
    else {
      if (head.length > 0) socket.unshift(head);
      if (this.#target.protocol === "https:") this.#secure(socket);
      else this.#succeed(socket);
    }
  }

  #secure(socket: Socket): void {
    const { hostname, servername } = this.#target;
    const secured = startTls({
      socket,
      host: hostname,
      servername: servername || (isIP(hostname) === 0 ? hostname : ""),
      ALPNProtocols: ["http/1.1"],
    });
    this.#stage = secured;
    // A certificate that does not hold is the party's matter, or somebody's in between; a broken connection is the way's.
    const onError = (error: Error) => {
      const isBroken = /^E[A-Z]+$/.test(codeOf(error));
      this.fail(isBroken ? new ProxyError(brokenOff, { cause: error }) : error);
    };
    secured.once("error", onError);
    secured.once("close", () => this.fail(new ProxyError(brokenOff)));
    secured.once("secureConnect", () => this.#succeed(secured));
  }

  #succeed(socket: Socket): void {
    if (this.#isOver) return;
    this.#isOver = true;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    this.#done(null, socket);
  }
}

/** What becomes of the connection is told by whoever uses it. */
function ignored(): void {}

function toHost({ hostname, port, protocol }: ProxyTarget): string {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  return `${host}:${port || (protocol === "https:" ? 443 : 80)}`;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
