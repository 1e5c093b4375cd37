/** One Socket Mode connection, kept up for ever: every loss and every refusal leads to the next try. */

import { setTimeout as sleep } from "node:timers/promises";
import { SocketModeClient } from "@slack/socket-mode";
import { WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";
import { Agent } from "undici";
import type { Events } from "../../core/events.ts";
import type { Timing } from "../../core/timing.ts";
import { platformName } from "./address.ts";
import { type SlackClient, silentLogger } from "./client.ts";
import { connectionFault } from "./errors.ts";

/** One envelope, and how to acknowledge it. */
export interface Envelope {
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryNum: number | undefined;
  readonly retryReason: string | undefined;
  /** @throws when the connection is gone; Slack then delivers again */
  readonly ack: (answer: unknown) => Promise<void>;
}

/** What a connection needs. */
export interface SocketOptions {
  /** 1, 2, …: names the connection in logs. */
  readonly number: number;
  readonly appToken: string;
  readonly client: SlackClient;
  readonly timing: Timing;
  readonly events: Events;
  /** Pings without a pong for this long end a connection. */
  readonly pongMs: number;
  readonly onEnvelope: (envelope: Envelope) => void;
}

/** A connection that is being kept up. */
export interface Socket {
  readonly connected: boolean;
  /** Resolves when the connection is closed and will not come back. */
  stop(): Promise<void>;
}

/** Starts to keep a connection up. */
export function keepSocket(options: SocketOptions): Socket {
  const stopping = new AbortController();
  const state = { connected: false };
  const loop = keepUp(options, state, stopping.signal);
  return {
    get connected() {
      return state.connected;
    },
    stop: () => {
      stopping.abort();
      return loop;
    },
  };
}

async function keepUp(
  options: SocketOptions,
  state: { connected: boolean },
  signal: AbortSignal,
): Promise<void> {
  let losses = 0;
  while (!signal.aborted) {
    const { error, livedMs } = await connectOnce(options, state, signal);
    if (signal.aborted) return;
    losses = livedMs > options.timing.backoffMaxMs ? 0 : losses + 1;
    const cause = error === undefined ? "closed" : connectionFault(error);
    options.events.socketLost({ platform: platformName, socket: options.number, cause });
    // Aborted while waiting: the loop's condition ends it.
    await sleep(waitMs(error, losses, options.timing), undefined, { signal }).catch(() => undefined);
  }
}

/** Refreshes are replaced at once; failures wait longer and longer; credentials wait for an operator. */
function waitMs(error: unknown, losses: number, timing: Timing): number {
  if (losses === 0) return 0;
  const doubled = Math.min(timing.backoffMaxMs, timing.backoffMs * 2 ** (losses - 1));
  if (error instanceof WebAPIRateLimitedError) return Math.max(doubled, error.retryAfter * 1000);
  const waitsForOperator = error instanceof WebAPIPlatformError && credentials.has(String(error.data.error));
  return waitsForOperator ? Math.min(timing.brokenMs, timing.backoffMaxMs * losses) : doubled;
}

const credentials: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "not_allowed_token_type",
  "missing_scope",
]);

/** Resolves when the connection is lost or was never made; never rejects. */
async function connectOnce(
  options: SocketOptions,
  state: { connected: boolean },
  signal: AbortSignal,
): Promise<{ readonly error: unknown; readonly livedMs: number }> {
  const proxied = openProxied(options.client);
  const client = createClient(options, proxied?.dispatcher);
  const lost = Promise.withResolvers<unknown>();
  client.on("disconnected", () => lost.resolve(undefined));
  // Replaced while it closes: the SDK's own way leaves a gap of seconds.
  client.on("ws_message", (data: unknown) => {
    const reason = disconnectReason(data);
    if (reason !== undefined) lost.resolve(new Error(`Slack closes the connection: ${reason}`));
  });
  const onAbort = () => lost.resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  let connectedAt: number | undefined;
  try {
    await withTimeout(client.start(), options.timing.callMs * 2);
    connectedAt = performance.now();
    state.connected = !signal.aborted;
    return { error: await lost.promise, livedMs: performance.now() - connectedAt };
  } catch (error) {
    return { error, livedMs: 0 };
  } finally {
    signal.removeEventListener("abort", onAbort);
    state.connected = false;
    const closed = close(client).then(proxied?.end);
    if (signal.aborted) await closed;
  }
}

/** A way through the proxy of this connection's own: the SDK cannot close a socket that it has not opened itself. */
function openProxied(client: SlackClient): { dispatcher: Agent; end: () => Promise<void> } | undefined {
  const proxy = client.createProxy();
  if (proxy === undefined) return undefined;
  const dispatcher = new Agent({ connect: proxy.connect, allowH2: false });
  const end = async () => {
    proxy.reset();
    await dispatcher.destroy();
  };
  return { dispatcher, end };
}

function createClient(
  { appToken, client, pongMs, onEnvelope }: SocketOptions,
  dispatcher: Agent | undefined,
): SocketModeClient {
  const { logger: _, ...clientOptions } = client.options;
  const socket = new SocketModeClient({
    appToken,
    // Its own reconnecting gives up on HTTP errors and leaves rejections unhandled; `keepUp` reconnects instead.
    autoReconnectEnabled: false,
    clientPingTimeout: pongMs,
    logger: silentLogger,
    clientOptions,
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  socket.on("slack_event", ({ body, ack, retry_num: retryNum, retry_reason: retryReason }) =>
    onEnvelope({ body, ack, retryNum, retryReason }),
  );
  return socket;
}

/** Why Slack ends the connection, if `data` says that it does. */
function disconnectReason(data: unknown): string | undefined {
  if (typeof data !== "string" || !data.includes('"disconnect"')) return undefined;
  try {
    const message: { readonly type?: unknown; readonly reason?: unknown } = JSON.parse(data);
    return message.type === "disconnect" ? String(message.reason) : undefined;
  } catch {
    // Not JSON: the SDK ignores it too.
    return undefined;
  }
}

/** Closes politely, then without waiting for the other side. */
async function close(client: SocketModeClient): Promise<void> {
  const closed = client.disconnect();
  const patience = new AbortController();
  const forced = sleep(500, undefined, { signal: patience.signal }).then(
    () => client.disconnect(),
    () => undefined,
  );
  await Promise.race([closed, forced]);
  patience.abort();
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no hello from Slack within ${ms} ms`);
  });
  // When the work wins, the ended timer rejects: nobody waits for it any more.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
