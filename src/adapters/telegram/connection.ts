/** One way to the Bot API: grammY's client over sockets of its own. */

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Api } from "grammy";

/** Where the Bot API is, and as whom. */
export interface ConnectionOptions {
  readonly token: string;
  /** Without a trailing slash. */
  readonly apiRoot: string;
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
  /** Closes every socket; the next call connects anew. */
  renew(): void;
}

/**
 * Opens no socket before the first call. A socket that the far side has closed unheard makes the outcome of what is
 * sent on it unknown, so idle ones are dropped by time, and again by the clocks when a call is about to take one: a
 * frozen process must not trust a timer that has not yet run.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { token, apiRoot, longestCallMs, keepAliveMs, connectMs } = options;
  const agent = createAgent(apiRoot, keepAliveMs, connectMs);
  const api = new Api(token, {
    apiRoot,
    timeoutSeconds: longestCallMs / 1_000,
    baseFetchConfig: { agent: agent.agent, compress: true },
  });
  api.config.use((previous, method, payload, signal) => {
    agent.dropStale();
    return previous(method, payload, signal);
  });
  return {
    api,
    renew: () => agent.agent.destroy(),
    [Symbol.dispose]: () => agent.agent.destroy(),
  };
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

function createAgent(apiRoot: string, keepAliveMs: number, connectMs: number): FreshAgent {
  const options = { keepAlive: true, timeout: keepAliveMs };
  const secure = apiRoot.startsWith("https:");
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  limitConnecting(agent, secure ? "secureConnect" : "connect", connectMs);
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
function limitConnecting(agent: HttpAgent, connected: string, connectMs: number): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    const fault = Object.assign(new Error("No connection in time"), { code: connectTimedOut });
    const timer = setTimeout(() => socket?.destroy(fault), connectMs);
    socket?.once(connected, () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
    return socket;
  };
}
