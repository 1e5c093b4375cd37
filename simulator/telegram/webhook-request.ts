/** One request of the simulated platform's to a bot's server. */

import { type Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

/** What came back from the bot's server. */
export interface Answer {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: IncomingHttpHeaders;
  /** Why there was no answer, in the words of `getWebhookInfo`. */
  readonly failure?: string;
}

/** What `getWebhookInfo` says of an answer; undefined when it is a 2xx. */
export function errorOf({ status, reason, failure }: Answer): string | undefined {
  if (failure !== undefined) return failure;
  if (status !== undefined && status >= 200 && status < 300) return undefined;
  return `Wrong response from the webhook: ${status} ${reason}`;
}

/** Posts one update. Never rejects: a failure is an answer. */
export async function post(
  url: URL,
  body: string,
  options: {
    readonly agent: Agent;
    readonly timeoutMs: number;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { agent, timeoutMs, headers } = options;
  const length = String(Buffer.byteLength(body));
  const request = httpRequest(url, {
    method: "POST",
    agent,
    headers: { ...headers, "content-length": length },
  });
  request.setTimeout(timeoutMs, () => request.destroy(new Error("Read timeout expired")));
  request.once("error", ({ message }) => resolve({ failure: message }));
  request.once("response", (response) => {
    response.resume();
    response.once("close", () => resolve({ failure: "Connection closed" }));
    const { statusCode: status = 0, statusMessage: reason = "" } = response;
    response.once("end", () => resolve({ status, reason, headers: response.headers }));
  });
  request.end(body);
  return await promise;
}
