/** Tries out what lets people install the Slack app, and every workspace that has it. */

import { WebAPIPlatformError } from "@slack/web-api";
import type { SlackConfig } from "../config/slack.ts";
import type { SlackAccessConfig } from "../config/slack-access.ts";
import { askBot, clientOf, explain } from "./ask-slack.ts";
import { bad, type CheckLine, note, ok } from "./check-lines.ts";

/** One workspace that has the app installed. */
export interface SurveyedWorkspace {
  readonly teamId: string;
  /** Undefined: it cannot be decrypted with the keys that are set. */
  readonly botToken: string | undefined;
  /** True while an earlier key is needed for it. */
  readonly isOldKey: boolean;
}

/** Reads who has the app. @returns undefined where that cannot be read from here */
export type InstallsSurvey = () => Promise<readonly SurveyedWorkspace[] | undefined>;

type Installs = Extract<SlackAccessConfig, { readonly kind: "installs" }>;

/** So many workspaces are asked; Slack limits questions. */
const askedAtMost = 20;

/** Asks Slack whether it knows the app, and auth.test of each workspace. */
export async function checkInstalls(
  config: SlackConfig,
  access: Installs,
  scopes: readonly string[],
  survey: InstallsSurvey,
): Promise<readonly CheckLine[]> {
  const begin = `${access.publicUrl}/slack/install`;
  const [app, found] = await Promise.all([checkApp(config, access), survey().catch(() => undefined)]);
  if (found === undefined) {
    return [app, note("Slack: who has installed the app stands in Redis, which cannot be read from here.")];
  }
  if (found.length === 0) return [app, note(`Slack: nobody has installed the app yet. Begin at ${begin}`)];
  const asked = found.slice(0, askedAtMost);
  const lines = await Promise.all(asked.map((workspace) => checkWorkspace(config, workspace, scopes)));
  const rest = found.length - asked.length;
  return [
    app,
    ...lines.flat(),
    ...(rest > 0 ? [note(`Slack: ${rest} more workspaces have it and were not asked.`)] : []),
    ...oldKeys(access, found),
  ];
}

/** A code that nobody was given: whoever is told that it is wrong was known by id and secret. */
async function checkApp(config: SlackConfig, { clientId, clientSecret }: Installs): Promise<CheckLine> {
  const name = "SLACK_CLIENT_ID";
  try {
    const asked = { client_id: clientId, client_secret: clientSecret.reveal(), code: "npm-run-check" };
    await clientOf(config).oauth.v2.access(asked);
    return ok("Slack: it knows the app.");
  } catch (error) {
    const code = error instanceof WebAPIPlatformError ? error.data.error : "";
    if (code === "invalid_code") return ok("Slack: it knows the app by its client id and secret.");
    if (code === "bad_client_secret")
      return bad("Slack: SLACK_CLIENT_SECRET is refused. Copy it again from the app's settings.");
    if (code === "invalid_client_id")
      return bad("Slack: SLACK_CLIENT_ID is not known. Copy it again from the app's settings.");
    return bad(`Slack: ${explain(error, name, config)}`);
  }
}

async function checkWorkspace(
  config: SlackConfig,
  { teamId, botToken }: SurveyedWorkspace,
  scopes: readonly string[],
): Promise<readonly CheckLine[]> {
  if (botToken === undefined) {
    const text = `Slack: the token of ${teamId} was encrypted with a key that is not set.`;
    return [bad(`${text} Add the earlier key to SLACK_TOKEN_KEY_OLD, or have the app installed again.`)];
  }
  try {
    const { user, team, missing } = await askBot(config, botToken, scopes);
    const known = ok(`Slack: the bot is ${user} in ${team} (${teamId}).`);
    if (missing.length === 0) return [known];
    const advice = "They are granted when somebody installs it there again.";
    return [known, note(`Slack: scopes are missing in ${teamId}: ${missing.join(", ")}. ${advice}`)];
  } catch (error) {
    // One workspace that left unheard is nothing that keeps the others from being served.
    return [note(`Slack: the token of ${teamId} ${explain(error, "", config).trim()}`)];
  }
}

function oldKeys({ tokenKeys }: Installs, found: readonly SurveyedWorkspace[]): readonly CheckLine[] {
  if (tokenKeys.length === 1) return [];
  const left = found.filter(({ isOldKey }) => isOldKey).length;
  return left === 0
    ? [ok("Slack: nothing needs SLACK_TOKEN_KEY_OLD any more: it can go.")]
    : [note(`Slack: ${howMany(left)} SLACK_TOKEN_KEY_OLD, until somebody there next asks something.`)];
}

function howMany(workspaces: number): string {
  return workspaces === 1 ? "1 workspace still needs" : `${workspaces} workspaces still need`;
}
