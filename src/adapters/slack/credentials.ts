/** What is kept of one workspace's installation: tokens, and who we are there. */

import type { Installation as BoltInstallation } from "@slack/bolt";
import { z } from "zod";
import type { SlackIdentity } from "./identity.ts";

const stored = z.object({
  v: z.literal(1),
  teamId: z.string(),
  botToken: z.string(),
  botUserId: z.string(),
  botId: z.string(),
  /** Where tokens expire: what gets the next one, and when this one ends, in ms since 1970. */
  refreshToken: z.string().exactOptional(),
  expiresAtMs: z.number().exactOptional(),
});

/** One workspace's credentials. Secret. */
export type Credentials = Readonly<z.output<typeof stored>>;

/** @throws ZodError when a later version wrote it */
export function parseCredentials(text: string): Credentials {
  return stored.parse(JSON.parse(text));
}

/** The text to be encrypted. */
export function toStoredCredentials(credentials: Credentials): string {
  return JSON.stringify(credentials);
}

/**
 * What Slack's installer has come to, as far as it is needed.
 * @returns undefined for an installation without a workspace or without a bot
 */
export function toCredentials({ team, bot }: BoltInstallation): Credentials | undefined {
  if (team === undefined || bot === undefined) return undefined;
  const { token: botToken, userId: botUserId, id: botId, refreshToken, expiresAt } = bot;
  return {
    ...{ v: 1, teamId: team.id, botToken, botUserId, botId },
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt * 1_000 }),
  };
}

/** Who we are in that workspace. */
export function toIdentity({ teamId, botUserId, botId }: Credentials): SlackIdentity {
  return { teamId, botUserId, botId };
}

/** What of them nobody may read. */
export function tokensIn({ botToken, refreshToken }: Credentials): readonly string[] {
  return refreshToken === undefined ? [botToken] : [botToken, refreshToken];
}
