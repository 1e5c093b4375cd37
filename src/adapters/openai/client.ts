/** The openai client over connections of our own: no retries of its own, no time limits but ours, no redirects. */

import OpenAI from "openai";
import { Agent } from "undici";
import { createProxy } from "../../core/proxy.ts";
import { limits } from "./limits.ts";
import { fetchThrough } from "./transport.ts";

/** Where the chat API is and who we are there. */
export interface Account {
  /** May be empty for servers that ask for none; then no `Authorization` is sent. */
  readonly apiKey: string;
  /** Ends in `/v1` for most servers; OpenAI's own when absent. */
  readonly baseUrl?: string | undefined;
  readonly organization?: string | undefined;
  readonly project?: string | undefined;
  /** `http://` or `https://`, credentials included: every connection goes through this proxy. */
  readonly proxyUrl?: string | undefined;
}

/** OpenAI's own. */
const defaultBaseUrl = "https://api.openai.com/v1";

/** A client and the connections beneath it, which its owner destroys. */
export interface Client {
  readonly openai: OpenAI;
  /** Ends every connection and every call on one. */
  readonly destroy: () => Promise<void>;
  /** Scheme, host and port, for messages: never path or credentials. */
  readonly origin: string;
}

/**
 * Connects nothing yet. Every option that the package would take from the environment is given here.
 * @param connectMs how long a connection may take to come about
 */
export function createClient(account: Account, connectMs: number): Client {
  const { proxyUrl } = account;
  const proxy = proxyUrl === undefined ? undefined : createProxy(proxyUrl, connectMs);
  const agent = new Agent({
    connect: proxy?.connect ?? { timeout: connectMs },
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
  const destroy = async () => {
    await agent.destroy();
    proxy?.reset();
  };
  return { openai, destroy, origin: new URL(baseURL).origin };
}
