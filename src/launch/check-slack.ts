/** Tries out the Slack app: its two tokens, and the scopes of the first against those of our manifest. */

import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import type { Secret } from "../config/secret.ts";
import type { SlackConfig } from "../config/slack.ts";
import { askBot, clientOf, explain } from "./ask-slack.ts";
import { checkInstalls, type InstallsSurvey } from "./check-installs.ts";
import { bad, type CheckLine, note, ok, proxyWorks } from "./check-lines.ts";

const manifestFile = new URL("../../slack-manifest.yaml", import.meta.url);

const manifest = z.object({
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
});

/** The bot scopes that a manifest asks for. @throws when the file is missing or not a manifest */
function manifestScopes(file: string | URL = manifestFile): readonly string[] {
  return manifest.parse(parseYaml(readFileSync(file, "utf8"))).oauth_config.scopes.bot;
}

/**
 * Asks auth.test and, for Socket Mode, apps.connections.open; the connection is not opened.
 * @param survey who has installed the app, where that can be read
 */
export async function checkSlack(
  config: SlackConfig,
  scopes: readonly string[],
  survey: InstallsSurvey,
): Promise<readonly CheckLine[]> {
  const { access } = config;
  const [bot, delivery] = await Promise.all([
    access.kind === "token"
      ? checkBotToken(config, access.botToken, scopes)
      : checkInstalls(config, access, scopes, survey),
    checkDelivery(config),
  ]);
  return [...bot, delivery];
}

async function checkBotToken(
  config: SlackConfig,
  botToken: Secret,
  scopes: readonly string[],
): Promise<readonly CheckLine[]> {
  try {
    const { user, user_id, team, team_id, missing } = await askBot(config, botToken.reveal(), scopes);
    return [
      ...proxyWorks("Slack", config.proxyUrl),
      ok(`Slack: the bot is ${user} (${user_id}) in ${team} (${team_id}).`),
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
