/** Tries out the Slack app: its two tokens, and the scopes of the first against those of our manifest. */

import { readFileSync } from "node:fs";
import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from "@slack/web-api";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import type { Secret } from "../config/secret.ts";
import type { SlackConfig } from "../config.ts";
import { bad, type CheckLine, note, ok } from "./check-lines.ts";

/** How long one question may take, in ms. */
const timeoutMs = 10_000;

const manifestFile = new URL("../../slack-manifest.yaml", import.meta.url);

const manifest = z.object({
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
});

/** The bot scopes that a manifest asks for. @throws when the file is missing or not a manifest */
export function manifestScopes(file: string | URL = manifestFile): readonly string[] {
  return manifest.parse(parseYaml(readFileSync(file, "utf8"))).oauth_config.scopes.bot;
}

/** Asks auth.test and, for Socket Mode, apps.connections.open; the connection is not opened. */
export async function checkSlack(
  config: SlackConfig,
  scopes: readonly string[],
): Promise<readonly CheckLine[]> {
  const [bot, delivery] = await Promise.all([checkBotToken(config, scopes), checkDelivery(config)]);
  return [...bot, delivery];
}

function clientOf(config: SlackConfig, token: string): WebClient {
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, setLevel: quiet, setName: quiet };
  return new WebClient(token, {
    slackApiUrl: config.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    // Its own log would repeat in pieces what the report says.
    logger: { ...logger, getLevel: () => LogLevel.ERROR },
  });
}

async function checkBotToken(config: SlackConfig, scopes: readonly string[]): Promise<readonly CheckLine[]> {
  try {
    const answer = await clientOf(config, config.botToken.reveal()).auth.test();
    const granted = answer.response_metadata?.scopes ?? [];
    const missing = scopes.filter((scope) => !granted.includes(scope));
    return [
      ok(`Slack: the bot is ${answer.user} (${answer.user_id}) in ${answer.team} (${answer.team_id}).`),
      missing.length === 0
        ? ok("Slack: it has all scopes of slack-manifest.yaml.")
        : bad(
            `Slack: scopes are missing: ${missing.join(", ")}.\n` +
              "Put slack-manifest.yaml into the app's settings (App Manifest) and install the app again.",
          ),
    ];
  } catch (error) {
    return [bad(`Slack: ${explain(error, "SLACK_BOT_TOKEN", config)}`)];
  }
}

/** Slack tells nobody the signing secret or the app's addresses: what cannot be tried out is said. */
async function checkDelivery(config: SlackConfig): Promise<CheckLine> {
  if (config.delivery.kind === "socket") return await checkAppToken(config, config.delivery.appToken);
  return note(
    "Slack: events come by HTTP. The app's Request URL is https://<your host>/slack/events, for events and for /parley;\n" +
      "Slack shows it as verified when Parley runs and SLACK_SIGNING_SECRET is right.",
  );
}

async function checkAppToken(config: SlackConfig, appToken: Secret): Promise<CheckLine> {
  try {
    await clientOf(config, appToken.reveal()).apps.connections.open({});
    return ok("Slack: Socket Mode accepts the app token.");
  } catch (error) {
    return bad(`Slack: ${explain(error, "SLACK_APP_TOKEN", config)}`);
  }
}

/** Slack's codes that have a remedy of their own. */
const remedies: Readonly<Record<string, string>> = {
  invalid_auth: "is refused. Copy it again from the app's settings.",
  not_authed: "is refused. Copy it again from the app's settings.",
  account_inactive: "is refused: the app was removed from the workspace. Install it again.",
  token_revoked: "was revoked. Install the app again and copy the new token.",
  token_expired: "has expired: token rotation is on for this app, which Parley does not support.",
  not_allowed_token_type: "is a token of another kind.",
  missing_scope: "lacks a scope; an app token needs connections:write.",
};

function explain(error: unknown, name: string, config: SlackConfig): string {
  if (error instanceof WebAPIPlatformError) {
    return `${name} ${remedies[error.data.error] ?? `got the answer ${error.data.error}.`}`;
  }
  if (error instanceof WebAPIRateLimitedError) return `asks to wait ${error.retryAfter} s; try again then.`;
  if (error instanceof WebAPIHTTPError) return `${new URL(config.apiUrl).host} answered ${error.statusCode}.`;
  if (error instanceof WebAPIRequestError) return `${new URL(config.apiUrl).host} cannot be reached.`;
  return "the answer could not be understood.";
}

/** For a manifest that cannot be read: the tokens are still worth trying. */
export function scopesOrNote(file: string | URL | undefined): {
  readonly scopes: readonly string[];
  readonly lines: readonly CheckLine[];
} {
  try {
    return { scopes: manifestScopes(file), lines: [] };
  } catch {
    return {
      scopes: [],
      lines: [note("Slack: slack-manifest.yaml cannot be read, so the scopes are not compared.")],
    };
  }
}
