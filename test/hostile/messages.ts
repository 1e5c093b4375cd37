/** Messages as a platform would deliver them, handed to the test instead, which may change them on the way. */

import { messageEvents } from "../../simulator/slack/events.ts";
import type { World } from "../world/world.ts";

/** One message that has been written and not delivered. */
export interface Undelivered {
  /** The request's JSON. */
  readonly body: string;
  /** What the bot has answered to its author. */
  readonly answers: () => readonly string[];
}

/** Somebody new writes to the bot on Slack. */
export function slackMessage({ slack }: World, text = "Hello"): Undelivered {
  const user = slack.createUser({ name: "Eve" });
  const { id: channel } = slack.createDm(user);
  const message = slack.workspace.addMessage({ channel, user: user.id, text });
  const [body] = messageEvents(slack.workspace, message);
  return { body: JSON.stringify(body), answers: () => slack.answers(channel, message.ts) };
}

let updates = 2_000_000_000;

/** Somebody new writes to the bot on Telegram. */
export function telegramMessage({ telegram }: World, text = "Hello"): Undelivered {
  const user = telegram.createUser({ firstName: "Eve" });
  const chat = telegram.createPrivateChat(user);
  updates += 1;
  const from = { id: user.id, is_bot: false, first_name: "Eve" };
  const date = Math.floor(Date.now() / 1_000);
  const message = {
    message_id: 1,
    from,
    chat: { id: chat.id, type: "private", first_name: "Eve" },
    date,
    text,
  };
  const own = () => telegram.visible(chat).filter(({ from: author }) => author.isBot);
  return {
    body: JSON.stringify({ update_id: updates, message }),
    answers: () => own().map((visible) => visible.text),
  };
}
