/** The settings that say how much may wait; see core's `Patience`. */

import { withDefault } from "./declare.ts";
import { oneOf, wholeNumber } from "./values.ts";

const messages = wholeNumber("messages", 0, 1_000_000);

export const patienceSettings = {
  PERSON_MESSAGES_PER_MINUTE: withDefault(messages, "20", {
    group: "Patience",
    about:
      "Messages of one person, wherever they write; as many may come at once after a quiet time. A part of a long text or album counts a tenth. Commands and presses of buttons count as well, except those that stop an answer.",
    example: "20",
  }),
  CONVERSATION_MESSAGES_PER_MINUTE: withDefault(messages, "60", {
    group: "Patience",
    about:
      "Messages for the bot in one conversation: a Telegram chat or topic, a Slack thread or direct message.",
    example: "60",
  }),
  PERSON_WAITING: withDefault(messages, "20", {
    group: "Patience",
    about: "Messages of one person that are not answered yet, wherever they were written.",
    example: "20",
  }),
  CONVERSATION_WAITING: withDefault(messages, "50", {
    group: "Patience",
    about: "Messages that wait in one conversation.",
    example: "50",
  }),
  CONVERSATIONS_WAITING: withDefault(wholeNumber("conversations", 0, 10_000_000), "10000", {
    group: "Patience",
    about: "Conversations in which something waits or is answered, altogether; one more is not taken on.",
    example: "10000",
  }),
  OTHER_BOTS: withDefault(oneOf(["off", "on"]), "off", {
    group: "Patience",
    about:
      "`on`: other bots are answered in groups and channels where they mention this one or reply to it, if they are allowed; they can give no commands. After 20 of their messages in a conversation within a minute they are left alone there for a minute, for two bots may answer each other for ever.",
    example: "on",
  }),
  WAITING_MS: withDefault(wholeNumber("milliseconds", 0, 86_400_000), "300000", {
    group: "Patience",
    about:
      "How long a first message of a conversation may have waited for a free worker, in milliseconds, before further conversations are turned away.",
    example: "300000",
  }),
} as const;
