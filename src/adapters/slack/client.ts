/** The Web API client: one try per call, a time-out for each, no post on a socket that has been idle. */

import { type Logger, LogLevel, WebClient, type WebClientOptions } from "@slack/web-api";
import { Agent } from "undici";
import { createProxy, type HttpProxy } from "../../core/proxy.ts";
import { type Download, downloadThrough, fetchThrough } from "./transport.ts";

/** What the client needs to know. */
export interface ClientOptions {
  /** Undefined: for calls without a token, and as the origin of other clients. */
  readonly botToken: string | undefined;
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  /** The address of an HTTP proxy, credentials included; absent: there is none between. */
  readonly proxyUrl?: string | undefined;
  readonly callMs: number;
  /** A socket idle for longer carries no further call: the peer may have closed it already. */
  readonly keepAliveMs: number;
}

/** The client and what others build upon. */
export interface SlackClient extends AsyncDisposable {
  readonly web: WebClient;
  /** For clients of other tokens: the same rules. */
  readonly options: WebClientOptions;
  /** Makes a way through the proxy, for a connection that has to be ended by itself; undefined without a proxy. */
  readonly createProxy: () => HttpProxy | undefined;
  /** The same client with another token; both share their sockets, which the first one closes. */
  as(botToken: string): SlackClient;
  /** One POST outside the Web API (an upload, a `response_url`), under the same time-out. */
  post(
    url: string,
    contentType: string,
    body: string,
  ): Promise<{ readonly status: number; readonly text: string }>;
  /** Fetches a file's beginning with the client's own token: from Slack only, and no redirect is followed. */
  download(url: string, maxBytes: number, signal: AbortSignal): Promise<Download>;
}

/** An SDK logger that says nothing: the SDK prints bodies, texts and one-time addresses; what matters, Parley logs itself. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** Makes the client. Dispose of it to close its sockets. */
export function createSlackClient(given: ClientOptions): SlackClient {
  const { botToken, callMs, keepAliveMs, proxyUrl } = given;
  // Given up before the call is: then it is known that nothing was sent.
  const openProxy = () => (proxyUrl === undefined ? undefined : createProxy(proxyUrl, callMs / 2));
  const proxy = openProxy();
  const dispatcher = new Agent({
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connect: proxy?.connect ?? { timeout: callMs },
  });
  const fetch = fetchThrough(dispatcher);
  const options = toClientOptions(given, fetch);
  const post: SlackClient["post"] = async (url, contentType, body) => {
    const signal = AbortSignal.timeout(callMs);
    const response = await fetch(url, { headers: { "content-type": contentType }, body, signal });
    return { status: response.status, text: await response.text() };
  };
  const clientOf = (token: string | undefined): Omit<SlackClient, typeof Symbol.asyncDispose> => ({
    web: new WebClient(token, options),
    download: (url, maxBytes, signal) => downloadThrough(dispatcher, { url, maxBytes, signal, token }),
    options,
    createProxy: openProxy,
    post,
    as: (other) => ({ ...clientOf(other), [Symbol.asyncDispose]: async () => undefined }),
  });
  const close = async () => {
    await dispatcher.destroy();
    proxy?.reset();
  };
  return { ...clientOf(botToken), [Symbol.asyncDispose]: close };
}

function toClientOptions(
  { apiUrl, callMs }: ClientOptions,
  fetch: NonNullable<WebClientOptions["fetch"]>,
): WebClientOptions {
  return {
    slackApiUrl: apiUrl,
    // The queue retries; the SDK would post twice after a reset and hold all channels for the 429 of one.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callMs,
    allowAbsoluteUrls: false,
    logger: silentLogger,
    // A call has its permit when it comes here; waiting behind others it would outlive that.
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    fetch,
  };
}
