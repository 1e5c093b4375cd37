/** The Web API client: one try per call, a time-out for each, no post on a socket that has been idle. */

import { type Logger, LogLevel, WebClient, type WebClientOptions } from "@slack/web-api";
import { Agent, fetch } from "undici";

/** What the client needs to know. */
export interface ClientOptions {
  readonly botToken: string;
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly callMs: number;
  /** A socket idle for longer carries no further call: the peer may have closed it already. */
  readonly keepAliveMs: number;
}

/** The client and what others build upon. */
export interface SlackClient extends AsyncDisposable {
  readonly web: WebClient;
  /** For clients of other tokens: the same rules. */
  readonly options: WebClientOptions;
  /** One POST outside the Web API (an upload, a `response_url`), under the same time-out. */
  post(
    url: string,
    contentType: string,
    body: string,
  ): Promise<{ readonly status: number; readonly text: string }>;
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
export function createSlackClient({ botToken, apiUrl, callMs, keepAliveMs }: ClientOptions): SlackClient {
  const dispatcher = new Agent({
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connect: { timeout: callMs },
  });
  const options: WebClientOptions = {
    slackApiUrl: apiUrl,
    // The queue retries; the SDK would post twice after a reset and hold all channels for the 429 of one.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callMs,
    allowAbsoluteUrls: false,
    logger: silentLogger,
    fetch: async (url, init) => {
      const { body, signal, ...rest } = init ?? {};
      const request = { ...rest, body: typeof body === "string" ? body : null, signal: signal ?? null };
      const response = await fetch(url, { ...request, dispatcher });
      return withRetryAfter(response);
    },
  };
  const post: SlackClient["post"] = async (url, contentType, body) => {
    const headers = { "content-type": contentType };
    const signal = AbortSignal.timeout(callMs);
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal,
      dispatcher,
      redirect: "error",
    });
    return { status: response.status, text: await response.text() };
  };
  return {
    web: new WebClient(botToken, options),
    options,
    post,
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

type SlackResponse = Awaited<ReturnType<NonNullable<WebClientOptions["fetch"]>>>;

/** The SDK takes a 429 without a readable Retry-After for an unknown error; Slack means "later". */
function withRetryAfter(response: Awaited<ReturnType<typeof fetch>>): SlackResponse {
  const told = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  if (response.status === 429 && Number.isNaN(told)) response.headers.set("retry-after", "1");
  return response;
}
