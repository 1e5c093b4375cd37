/** What the bot of a simulated Slack shows, as it changes. */

import type { SlackSimulator } from "../simulator/slack/simulator.ts";
import { type SlackMessage, stateOf } from "../simulator/slack/workspace.ts";
import type { Conversations } from "./people.ts";

/**
 * Tells of each text of the bot's that becomes visible. The workspace says that something has changed, not what; looking
 * for it would cost more than all else.
 * @param conversationOf the number of the conversation that a channel is; undefined for others
 */
export function onSlackShown(
  slack: SlackSimulator,
  conversationOf: (channel: string) => number | undefined,
): Conversations["onShown"] {
  return (listener) => {
    const { workspace } = slack;
    const shown = (message: SlackMessage) => {
      const conversation = conversationOf(message.channel);
      if (message.user === slack.botUserId && conversation !== undefined)
        listener(conversation, stateOf(message).text, message.states.length > 1 ? "edit" : "post");
      return message;
    };
    const add = workspace.addMessage.bind(workspace);
    const change = workspace.changeMessage.bind(workspace);
    workspace.addMessage = (message) => shown(add(message));
    workspace.changeMessage = (...changed) => shown(change(...changed));
  };
}
