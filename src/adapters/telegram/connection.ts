/** One way to the Bot API: grammY's client over sockets of its own. */

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Api } from "grammy";
import { createProxy, leadThrough } from "../../core/proxy.ts";

/** Where the Bot API is, and as whom. */
export interface ConnectionOptions {
  readonly token: string;
  /** Without a trailing slash. */
  readonly apiRoot: string;
  /** The address of an HTTP proxy, credentials included; absent: there is none between. */
  readonly proxyUrl?: string | undefined;
  /** The longest that any call may take, in ms. */
  readonly longestCallMs: number;
  /** A connection that takes longer to come about is given up, in ms; less than a call, to tell the two apart. */
  readonly connectMs: number;
  /** A socket that was idle for longer carries no further call, in ms. */
  readonly keepAliveMs: number;
}

/** A client with sockets of its own. Its calls throw grammY's errors: translate them where they are caught. */
export interface Connection extends Disposable {
  readonly api: Api;
  /** For what is fetched beside the Bot API. */
  readonly agent: HttpAgent;
  /** Where a file is fetched. It holds the token: never to be shown. @param path as `getFile` gives it */
  readonly toFileUrl: (path: string) => URL;
  /** Closes every socket; the next call connects anew. */
  renew(): void;
}

/**
 * Opens no socket before the first call. A socket that the far side has closed unheard makes the outcome of what is
 * sent on it unknown, so idle ones are dropped by time, and again by the clocks when a call is about to take one: a
 * frozen process must not trust a timer that has not yet run.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { token, apiRoot, longestCallMs } = options;
  const agent = createAgent(options);
  const api = new Api(token, {
    apiRoot,
    timeoutSeconds: longestCallMs / 1_000,
    baseFetchConfig: { agent: agent.agent, compress: true },
  });
  api.config.use((previous, method, payload, signal) => {
    agent.dropStale();
    return previous(method, payload, signal);
  });
  const toFileUrl = (path: string) => new URL(`${apiRoot}/file/bot${token}/${path}`);
  return { api, agent: agent.agent, toFileUrl, renew: agent.closeAll, [Symbol.dispose]: agent.closeAll };
}

/** grammY's type of a signal, that of a polyfill from before Node had its own. */
type GrammySignal = NonNullable<Parameters<Api["getMe"]>[0]>;

/** Node's signal as grammY's types want it; at run time grammY only listens to it. */
export function forGrammy(signal: AbortSignal): GrammySignal {
  return signal as unknown as GrammySignal;
}

/** The code of a connection that did not come about in time: surely nothing was sent on it. */
export const connectTimedOut = "CONNECT_TIMED_OUT";

interface FreshAgent {
  readonly agent: HttpAgent;
  dropStale(): void;
  readonly closeAll: () => void;
}

interface Clocks {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

function clocksNow(): Clocks {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** By the clock that has moved further: either may stand still while a process is frozen. */
function msSince({ monotonicMs, wallMs }: Clocks): number {
  return Math.max(performance.now() - monotonicMs, Date.now() - wallMs);
}

function createAgent({ apiRoot, keepAliveMs, connectMs, proxyUrl }: ConnectionOptions): FreshAgent {
  const options = { keepAlive: true, timeout: keepAliveMs };
  const protocol = apiRoot.startsWith("https:") ? "https:" : "http:";
  const agent = protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
  const proxy = proxyUrl === undefined ? undefined : createProxy(proxyUrl, connectMs);
  if (proxy === undefined) limitConnecting(agent, protocol, connectMs);
  else leadThrough(agent, protocol, proxy);
  const idleSince = new WeakMap<object, Clocks>();
  const keep = agent.keepSocketAlive.bind(agent);
  agent.keepSocketAlive = (socket) => {
    idleSince.set(socket, clocksNow());
    return keep(socket);
  };
  const isStale = (socket: object) => {
    const since = idleSince.get(socket);
    return since !== undefined && msSince(since) > keepAliveMs;
  };
  let lookedAt = clocksNow();
  return {
    agent,
    closeAll: () => {
      agent.destroy();
      proxy?.reset();
    },
    dropStale: () => {
      // A look at every idle socket for every call would cost more than the call.
      if (msSince(lookedAt) < keepAliveMs / 20) return;
      lookedAt = clocksNow();
      for (const socket of Object.values(agent.freeSockets).flat()) {
        if (socket !== undefined && isStale(socket)) socket.destroy();
      }
    },
  };
}

/** Gives up a connection that does not come about: a call that only timed out would leave its outcome unknown. */
function limitConnecting(agent: HttpAgent, protocol: string, connectMs: number): void {
  const connect = agent.createConnection.bind(agent);
  const connected = protocol === "https:" ? "secureConnect" : "connect";
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    const fault = Object.assign(new Error("No connection in time"), { code: connectTimedOut });
    const timer = setTimeout(() => socket?.destroy(fault), connectMs);
    socket?.once(connected, () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
    return socket;
  };
}
