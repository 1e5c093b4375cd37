/** The settings of how often platforms are called, until they refuse. */

import { withDefault } from "./declare.ts";
import { rate } from "./values.ts";

/** They stand under the heading of starting rates. */
export const rateSettings = {
  TELEGRAM_RATE_GLOBAL: withDefault(rate, "30/s", {
    group: "Starting rates",
    about: "Calls of the bot in all chats together.",
    example: "30/s",
  }),
  TELEGRAM_RATE_CHAT: withDefault(rate, "1/s", {
    group: "Starting rates",
    about: "Posts and edits in one private chat.",
    example: "1/s",
  }),
  TELEGRAM_RATE_GROUP: withDefault(rate, "20/min", {
    group: "Starting rates",
    about: "Posts and edits in one group.",
    example: "20/min",
  }),
  SLACK_RATE_UPDATE: withDefault(rate, "45/min", {
    group: "Starting rates",
    about: "`chat.update` in one workspace.",
    example: "45/min",
  }),
  SLACK_RATE_POST: withDefault(rate, "1/s", {
    group: "Starting rates",
    about: "`chat.postMessage` in one channel.",
    example: "1/s",
  }),
};
