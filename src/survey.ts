/** Which workspaces have the bot installed, as `npm run check` wants to know it. */

import { parseCredentials } from "./adapters/slack/credentials.ts";
import { tokenKeyBytes } from "./config/slack-access.ts";
import type { Config } from "./config.ts";
import { askRedis } from "./launch/ask-redis.ts";
import type { SurveyedWorkspace } from "./launch/check-installs.ts";
import { surveyInstallations } from "./queue/installations.ts";
import { createKeys } from "./queue/keys.ts";

/**
 * Reads the installations and changes nothing.
 * @returns undefined where there is no Redis of one's own to be read
 * @throws when Redis does not answer
 */
export async function surveyWorkspaces({
  slack,
  redis: { url },
}: Config): Promise<readonly SurveyedWorkspace[] | undefined> {
  if (slack?.access.kind !== "installs" || url === undefined) return undefined;
  const tokenKeys = tokenKeyBytes(slack.access.tokenKeys);
  const found = await askRedis(url.reveal(), (redis) =>
    surveyInstallations({ redis, keys: createKeys(), tokenKeys }),
  );
  return found.map(({ scope: teamId, credentials, isOldKey }) => {
    const botToken = credentials === undefined ? undefined : parseCredentials(credentials).botToken;
    return { teamId, botToken, isOldKey };
  });
}
