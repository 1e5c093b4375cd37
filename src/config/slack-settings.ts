/** The settings that connect Slack, and how answers look there. */

import { optional, withDefault } from "./declare.ts";
import { slackInstallSettings } from "./install-settings.ts";
import { baseUrl } from "./urls.ts";
import { oneOf, secret } from "./values.ts";

/** They stand under Slack's heading. */
export const slackSettings = {
  SLACK_BOT_TOKEN: optional(secret("a Slack bot token", /^xoxb-[\w-]{10,}$/), {
    group: "Slack",
    about: "The app's bot token (OAuth & Permissions), for one workspace. Setting it connects Slack.",
    example: "xoxb-your-bot-token",
    secret: true,
  }),
  SLACK_APP_TOKEN: optional(secret("a Slack app token", /^xapp-[\w-]{10,}$/), {
    group: "Slack",
    about:
      "An app-level token with `connections:write` (Basic Information → App-Level Tokens). Set, it means Socket Mode, whatever else is set.",
    example: "xapp-your-app-level-token",
    secret: true,
  }),
  SLACK_SIGNING_SECRET: optional(secret("a Slack signing secret", /^[\w-]{16,}$/), {
    group: "Slack",
    about:
      "The app's signing secret (Basic Information → App Credentials). Without `SLACK_APP_TOKEN` it means that Slack delivers by HTTP, to `/slack/events` on `PORT`. One of the two has to be set.",
    example: "the-32-characters-of-the-signing-secret",
    secret: true,
  }),
  ...slackInstallSettings,
  SLACK_API_URL: withDefault(baseUrl("/api/"), "https://slack.com/api/", {
    group: "Slack",
    about: "The Web API; ends in `/api/`.",
    example: "https://slack.com/api/",
  }),
  SLACK_DM: withDefault(oneOf(["threads", "flat"]), "threads", {
    group: "Slack",
    about:
      "Direct messages: `threads`: every message outside a thread opens a conversation of its own in a thread; `flat`: the direct message outside its threads is one conversation.",
    example: "flat",
  }),
  SLACK_STREAMING: withDefault(oneOf(["edit", "native"]), "edit", {
    group: "Slack",
    about:
      "How an answer is shown in a thread while it is written: `edit`: it is posted at its first words and edited; `native`: by Slack's own streaming, about 14 answers a minute in a workspace, the others as with `edit`. In channels only the asker then sees the text grow. `mode streaming` sets it for one place.",
    example: "native",
  }),
  SLACK_THREADS: withDefault(oneOf(["mention", "threads", "all"]), "threads", {
    group: "Slack",
    about:
      "In channels: `mention`: answers only when mentioned; `threads`: in threads where it takes part also what is addressed to nobody else; `all`: every message of the threads where it takes part. `mode threads` sets it for one place.",
    example: "mention",
  }),
};
