/** The Slack of a bench as people and services meet it. */

import type { SlackSimulator } from "../simulator/slack/simulator.ts";

/** So many people, each with a direct message to the bot. */
export function createDirectMessages(slack: SlackSimulator, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const user = slack.createUser({ name: `bob${index}` });
    return { user, channel: slack.createDm(user) };
  });
}

/** What connects a service to it by Socket Mode. */
export function socketVariables(slack: SlackSimulator) {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
  };
}

/** Parley is measured, or the model's limits, not its patience with Slack. */
export const ratesOff = { SLACK_RATE_UPDATE: "off", SLACK_RATE_POST: "off" } as const;

/** Resolves when a gateway has both of its sockets. */
export async function hasSockets(slack: SlackSimulator): Promise<void> {
  await slack.until(() => slack.socketMode.connections.length >= 2);
}
