/** Questions to Slack for the check: each asked once, its error put in words. */

import {
  type AuthTestResponse,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api";
import { Agent } from "undici";
import { fetchThrough } from "../adapters/slack/transport.ts";
import type { Secret } from "../config/secret.ts";
import type { SlackConfig } from "../config/slack.ts";
import { createProxy, proxyFault } from "../core/proxy.ts";

/** How Slack is reached. */
type SlackWay = Pick<SlackConfig, "apiUrl" | "proxyUrl">;

/** How long one question may take, in ms. */
const timeoutMs = 10_000;

/** A client that tries once and prints nothing. */
export function clientOf(config: SlackWay, token?: string): WebClient {
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, setLevel: quiet, setName: quiet };
  return new WebClient(token, {
    slackApiUrl: config.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    ...through(config.proxyUrl),
    // Its own log would repeat in pieces what the report says.
    logger: { ...logger, getLevel: () => LogLevel.ERROR },
  });
}

function through(proxyUrl: Secret | undefined): Pick<WebClientOptions, "fetch"> {
  if (proxyUrl === undefined) return {};
  return {
    fetch: fetchThrough(new Agent({ connect: createProxy(proxyUrl.reveal(), timeoutMs / 2).connect })),
  };
}

/** Who the bot is, and which of the wanted scopes its token lacks. @throws what the SDK throws */
export async function askBot(
  config: SlackWay,
  botToken: string,
  scopes: readonly string[],
): Promise<AuthTestResponse & { readonly missing: readonly string[] }> {
  const answer = await clientOf(config, botToken).auth.test();
  const granted = answer.response_metadata?.scopes ?? [];
  return { ...answer, missing: scopes.filter((scope) => !granted.includes(scope)) };
}

/** Slack's codes that have a remedy of their own. */
const remedies: Readonly<Record<string, string>> = {
  invalid_auth: "is refused. Copy it again from the app's settings.",
  not_authed: "is refused. Copy it again from the app's settings.",
  account_inactive: "is refused: the app was removed from the workspace. Install it again.",
  token_revoked: "was revoked. Install the app again and copy the new token.",
  token_expired:
    "has expired: token rotation is on for this app, which works only where workspaces install it (SLACK_CLIENT_ID).",
  not_allowed_token_type: "is a token of another kind.",
  missing_scope: "lacks a scope; an app token needs connections:write.",
};

/** An SDK's error as a clause; `name` is the setting or thing that was tried out. */
export function explain(error: unknown, name: string, config: SlackWay): string {
  if (error instanceof WebAPIPlatformError) {
    return `${name} ${remedies[error.data.error] ?? `got the answer ${error.data.error}.`}`;
  }
  if (error instanceof WebAPIRateLimitedError) return `asks to wait ${error.retryAfter} s; try again then.`;
  if (error instanceof WebAPIHTTPError) return `${new URL(config.apiUrl).host} answered ${error.statusCode}.`;
  if (error instanceof WebAPIRequestError) {
    const code = codeOf(error.original);
    const fault = proxyFault(code);
    if (fault !== undefined) return `${fault}. Check SLACK_PROXY_URL.`;
    return `${new URL(config.apiUrl).host} cannot be reached${code === undefined ? "" : ` (${code})`}.`;
  }
  return "the answer could not be understood.";
}

/** `fetch` says only that it failed; why stands in its cause. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error && typeof error.code === "string" ? error.code : codeOf(error.cause);
}
