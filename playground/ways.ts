/** The ways in which the service and the platforms talk with each other, and what an operator sets for each. */

import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Environment } from "../src/config/variables.ts";
import type { World } from "./world.ts";

/** How the platforms deliver, and how answers are shown while they are written; the first of each is the default. */
export const waysSchema = z.object({
  telegramDelivery: z.enum(["polling", "webhook"]),
  telegramStreaming: z.enum(["edit", "draft"]),
  slackDelivery: z.enum(["socket", "http"]),
  slackStreaming: z.enum(["edit", "native"]),
});

/** One way for each. */
export type Ways = Readonly<z.output<typeof waysSchema>>;

/** Those that need no setting. */
export const usualWays: Ways = {
  telegramDelivery: "polling",
  telegramStreaming: "edit",
  slackDelivery: "socket",
  slackStreaming: "edit",
};

/** Where the simulated Telegram delivers; it knows which port that means. */
export const webhookOrigin = "http://127.0.0.1:1";

/** The path at which Slack's requests are served. */
export const slackPath = "/slack/events";

/** The variables that stand for `ways`. */
export function variablesOf(ways: Ways, { slack }: World): Environment {
  const webhook = {
    TELEGRAM_WEBHOOK_URL: `${webhookOrigin}/telegram`,
    TELEGRAM_WEBHOOK_SECRET: randomUUID(),
  };
  return {
    ...(ways.telegramDelivery === "webhook" ? webhook : {}),
    TELEGRAM_STREAMING: ways.telegramStreaming,
    SLACK_STREAMING: ways.slackStreaming,
    ...(ways.slackDelivery === "http"
      ? { SLACK_SIGNING_SECRET: slack.signingSecret }
      : { SLACK_APP_TOKEN: slack.appToken }),
  };
}
