/**
 * A `fetch` for Slack's SDK over undici's `request`: undici's own fetch takes twice the CPU for a small call (web
 * streams, cloned headers). It follows no redirect, which would carry the token along.
 */

import type { WebClientOptions } from "@slack/web-api";
import { type Agent, request } from "undici";

type SlackFetch = NonNullable<WebClientOptions["fetch"]>;
type SlackResponse = Awaited<ReturnType<SlackFetch>>;

/** The part of `fetch` that the SDK uses: a POST of text, its answer read whole. */
export function fetchThrough(agent: Agent): SlackFetch {
  return async (url, { headers = {}, body, signal } = {}) => {
    const answer = await request(url, {
      dispatcher: agent,
      method: "POST",
      headers,
      body: typeof body === "string" ? body : null,
      signal: signal ?? null,
    });
    const text = await answer.body.text();
    return toResponse(answer.statusCode, answer.headers, text);
  };
}

/** What a download gave. */
export interface Download {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** One GET of a file with the bot's token, no more of it than is wanted. A redirect would carry the token along, so none is followed. */
export async function downloadThrough(
  agent: Agent,
  file: {
    readonly url: string;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
    readonly token: string | undefined;
  },
): Promise<Download> {
  const { url, maxBytes, signal, token = "" } = file;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await request(url, { dispatcher: agent, headers, signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop ends the transfer.
    if (bytes >= maxBytes) break;
  }
  const contentType = String(answer.headers["content-type"] ?? "");
  return { status: answer.statusCode, contentType, bytes: Buffer.concat(chunks).subarray(0, maxBytes) };
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

function toResponse(status: number, headers: Headers, text: string): SlackResponse {
  const header = (name: string) => {
    const value = headers[name.toLowerCase()];
    const told = typeof value === "string" ? value : (value?.join(", ") ?? null);
    return name === "retry-after" && status === 429 ? readableRetryAfter(told) : told;
  };
  return {
    status,
    ok: status >= 200 && status < 300,
    statusText: "",
    url: "",
    headers: {
      get: header,
      entries: () => Object.keys(headers).map((name): [string, string] => [name, header(name) ?? ""]),
    },
    text: async () => text,
    json: async () => JSON.parse(text),
    arrayBuffer: async () => new TextEncoder().encode(text).buffer,
  };
}

/** The SDK takes a 429 without a readable Retry-After for an unknown error; Slack means "later". */
function readableRetryAfter(told: string | null): string {
  return told === null || Number.isNaN(Number.parseInt(told, 10)) ? "1" : told;
}
