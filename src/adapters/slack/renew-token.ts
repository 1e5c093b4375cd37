/**
 * Renews bot tokens that expire (token rotation). Not left to `@slack/oauth`: it renews once per process and event, so
 * that two processes spend the same refresh token, and keeps silent when Slack refuses
 * (github.com/slackapi/node-slack-sdk/issues/2504).
 */

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Events } from "../../core/events.ts";
import type { Inbox } from "../../core/inbox.ts";
import type { Installation, InstallationStore, Place } from "../../core/installations.ts";
import type { Timing } from "../../core/timing.ts";
import type { SlackClient } from "./client.ts";
import { type Credentials, parseCredentials, tokensIn, toStoredCredentials } from "./credentials.ts";
import { toPlatformError } from "./errors.ts";

/** The app, as Slack knows it. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What renewing needs. */
export interface RenewalParts extends AppCredentials {
  /** Any client: the call names no token. */
  readonly client: SlackClient;
  readonly installations: InstallationStore;
  /** One process at a time renews a workspace's token. */
  readonly inbox: Pick<Inbox, "lease">;
  readonly timing: Timing;
  readonly events: Pick<Events, "conceal">;
}

/** Tokens live for 12 h; with so many ms left they are renewed, as Slack's own libraries do. */
const renewBeforeMs = 2 * 60 * 60_000;

/** How often the new token is offered to Redis: Slack gives it once, and takes the old one back. */
const saveTries = 20;

const answer = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() });

/** True when a new token is due. */
export function isDue({ expiresAtMs }: Credentials, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs - nowMs < renewBeforeMs;
}

/**
 * Renews the token of `place` unless another process has just done so.
 * @throws PlatformError when Slack refuses; the old token may still be good
 */
export async function renewToken(parts: RenewalParts, place: Place): Promise<void> {
  const { installations, inbox, timing, events } = parts;
  const patience = AbortSignal.timeout(timing.callMs * 2);
  await using _lease = await inbox.lease(`token:${place.platform}:${place.scope}`, patience);
  const found = await installations.find(place);
  if (found === undefined) return;
  const credentials = parseCredentials(found.credentials);
  const { refreshToken } = credentials;
  if (refreshToken === undefined || !isDue(credentials, Date.now())) return;
  const renewed = await askForToken(parts, credentials, refreshToken);
  events.conceal(tokensIn(renewed));
  await save(parts, place, renewed, found);
}

async function askForToken(
  { client, clientId, clientSecret }: RenewalParts,
  credentials: Credentials,
  refreshToken: string,
): Promise<Credentials> {
  try {
    const answered = await client.web.oauth.v2.access({
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "refresh_token",
      refresh_token: refreshToken,
    });
    const { access_token, refresh_token, expires_in } = answer.parse(answered);
    const expiresAtMs = Date.now() + expires_in * 1_000;
    return { ...credentials, botToken: access_token, refreshToken: refresh_token, expiresAtMs };
  } catch (error) {
    throw toPlatformError(error, { method: "oauth.v2.access", budget: undefined });
  }
}

/** Refused only where the workspace was uninstalled or installed again: then nobody needs it. */
async function save(
  { installations, timing }: RenewalParts,
  place: Place,
  credentials: Credentials,
  replaces: Installation,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await installations.save(place, toStoredCredentials(credentials), replaces);
      return;
    } catch (error) {
      if (tries === saveTries) throw error;
      await sleep(timing.backoffMs);
    }
  }
}
