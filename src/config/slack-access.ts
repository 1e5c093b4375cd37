/** In which workspaces of Slack the app works: one by its token, or those whose people install it. */

import { keyBytes } from "./install-settings.ts";
import type { Secret } from "./secret.ts";
import type { Settings } from "./settings.ts";

/** What the operator has decided for. */
export type SlackAccessConfig =
  | { readonly kind: "token"; readonly botToken: Secret }
  | {
      readonly kind: "installs";
      readonly clientId: string;
      readonly clientSecret: Secret;
      /** The newest first; see {@link tokenKeyBytes}. */
      readonly tokenKeys: readonly Secret[];
      /** Without a trailing slash. */
      readonly publicUrl: string;
      /** Empty: all. */
      readonly teams: readonly string[];
    };

/** A client id means installs, whatever else is set. @returns undefined when Slack is not set up */
export function toSlackAccess(values: Settings): SlackAccessConfig | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_CLIENT_ID: clientId } = values;
  const { SLACK_CLIENT_SECRET: clientSecret, SLACK_PUBLIC_URL: publicUrl } = values;
  if (clientId === undefined || clientSecret === undefined || publicUrl === undefined)
    return botToken === undefined ? undefined : { kind: "token", botToken };
  const tokenKeys = [...(values.SLACK_TOKEN_KEY ?? []), ...(values.SLACK_TOKEN_KEY_OLD ?? [])];
  const teams = values.SLACK_INSTALL_TEAMS ?? [];
  return { kind: "installs", clientId, clientSecret, tokenKeys, publicUrl, teams };
}

/** The keys' 32 bytes each. */
export function tokenKeyBytes(keys: readonly Secret[]): readonly Buffer[] {
  return keys.map(keyBytes);
}
