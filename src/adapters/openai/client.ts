/** The openai client over connections of our own: no retries of its own, no time limits but ours, no redirects. */

import OpenAI from "openai";
import { Agent, fetch, Response } from "undici";
import { limits } from "./limits.ts";

/** Where the chat API is and who we are there. */
export interface Account {
  /** May be empty for servers that ask for none; then no `Authorization` is sent. */
  readonly apiKey: string;
  /** Ends in `/v1` for most servers; OpenAI's own when absent. */
  readonly baseUrl?: string | undefined;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
}

/** OpenAI's own. */
const defaultBaseUrl = "https://api.openai.com/v1";

/** A client and the connections beneath it, which its owner destroys. */
export interface Client {
  readonly openai: OpenAI;
  readonly agent: Agent;
  /** Scheme, host and port, for messages: never path or credentials. */
  readonly origin: string;
}

/** Connects nothing yet. Every option that the package would take from the environment is given here. */
export function createClient(account: Account): Client {
  const agent = new Agent({
    // One connection per running stream, as many as there are streams.
    connections: null,
    pipelining: 1,
    allowH2: false,
    // Ours are the only clocks (undici's are 5 minutes, whatever the client's timeout says: platform-facts C9).
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const baseURL = account.baseUrl ?? defaultBaseUrl;
  const openai = new OpenAI({
    apiKey: account.apiKey === "" ? "none" : account.apiKey,
    adminAPIKey: null,
    baseURL,
    organization: account.organization ?? null,
    project: account.project ?? null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: limits.timerMs,
    logLevel: "off",
    fetch: fetchThrough(agent),
    ...(account.apiKey === "" ? { defaultHeaders: { Authorization: null } } : {}),
  });
  return { openai, agent, origin: new URL(baseURL).origin };
}

/**
 * undici's own fetch (agent and fetch must be of one version). A redirect is an answer, not followed: it would carry the
 * key along. Of an error's body only the beginning is read, because the client reads all of it.
 */
function fetchThrough(agent: Agent): typeof globalThis.fetch {
  const through = async (...[input, init]: Parameters<typeof fetch>) => {
    const response = await fetch(input, { ...init, dispatcher: agent, redirect: "manual" });
    if (response.ok || response.body === null) return response;
    const text = await readBeginning(response.body, limits.errorBytes);
    return new Response(text === "" ? null : text, { status: response.status, headers: response.headers });
  };
  // undici's types and the global ones describe the same objects under two names.
  return through as unknown as typeof globalThis.fetch;
}

async function readBeginning(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes).toString();
}
